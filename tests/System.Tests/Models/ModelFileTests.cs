using System.Buffers.Binary;
using System.Text;
using System.Text.Json.Nodes;
using FedQueue.Aggregator.Aggregation;
using FedQueue.Aggregator.Models;
using FedQueue.Contracts;
using FedQueue.System.Tests.OneProcess;

namespace FedQueue.System.Tests.Models;

public sealed class ModelFileTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(1, Scaling.Participant, true)]
    [InlineData(3, Scaling.Federated, false)]
    public void A_model_is_read_as_it_was_written_and_equal_models_give_equal_bytes(int layers, string scaling, bool evaluated)
    {
        var model = Model(layers, scaling, evaluated);

        var read = SafetensorsFile.Read(Written(SafetensorsFile.Bytes(model)));

        Assert.Equal(model.Plan, read.Plan);
        Assert.Equal(model.Weights, read.Weights);
        Assert.Equal(model.Facts.ToPairs(), read.Facts.ToPairs());
        Assert.Equal(SafetensorsFile.Bytes(model), SafetensorsFile.Bytes(read));
        Assert.Equal(OnnxFile.Bytes(model), OnnxFile.Bytes(read));
    }

    [Fact]
    public void A_file_that_was_truncated_altered_or_is_no_model_is_refused_with_a_sentence()
    {
        var whole = SafetensorsFile.Bytes(Model(1, Scaling.Participant, evaluated: true));
        var header = (int)BinaryPrimitives.ReadUInt64LittleEndian(whole);

        Refused("there is no such file; check the path", Path.Combine(folder.Path, "nowhere"));
        Refused("it is a folder; name the file", folder.Path);
        Refused("it is empty, a pipe or a device; name the model that a run has written", Written([]));
        Refused("it is no safetensors file; name the model that a run has written", Written(Encoding.UTF8.GetBytes("a text of more than eight bytes")));
        Refused($"it is truncated: its header is to have {header} bytes, and 92 follow; download or copy it anew", Written(whole[..100]));
        Refused("it is truncated: its weights have 84 of 88 bytes; download or copy it anew", Written(whole[..^4]));
        Refused("it is too long: its weights have 89 of 88 bytes; download or copy it anew", Written([.. whole, 0]));

        byte[] altered = [.. whole];
        altered[^1] ^= 1;
        Assert.Contains("it was altered: its weights have SHA-256 ", Assert.Throws<StartupException>(() => SafetensorsFile.Read(Written(altered))).Message, StringComparison.Ordinal);
        altered = [.. whole];
        altered[8] = (byte)'x';
        Refused("its header is no JSON of a safetensors file; name the model that a run has written, or copy it anew", Written(altered));
    }

    [Fact]
    public void A_model_of_another_kind_or_program_is_refused_with_a_sentence()
    {
        var whole = SafetensorsFile.Bytes(Model(1, Scaling.Participant, evaluated: true));

        Refused("it has no metadata, so it is no model of FedQueue", Rewritten(whole, header => header.Remove("__metadata__")));
        Refused("its metadata lacks fedqueue.run, so it is no model of FedQueue", Rewritten(whole, header => header["__metadata__"]!.AsObject().Remove("fedqueue.run")));
        Refused("its metadata has version 2, and this program knows version 1: update the program", Rewritten(whole, header => header["__metadata__"]!["fedqueue.version"] = "2"));
        Refused("its metadata is damaged", Rewritten(whole, header => header["__metadata__"]!["fedqueue.columns"] = "{"));
        Refused("it is of another kind of model: its tensor linear.weight is missing", Rewritten(whole, header => header.Remove("linear.weight")));
        Refused("it is of another kind of model: it has a tensor conv.weight", Rewritten(whole, header => header["conv.weight"] = header["linear.bias"]!.DeepClone()));
        Refused("it is of another kind of model: its tensor linear.bias has type F16, shape [1] and offsets [84, 88]", Rewritten(whole, header => header["linear.bias"]!["dtype"] = "F16"));
        Refused("it is of another kind of model: its tensor lstm.weight_hh_l0 has type F32, shape [2, 4] and offsets [32, 48]", Rewritten(whole, header => header["lstm.weight_hh_l0"]!["shape"] = new JsonArray(2, 4)));
    }

    private static void Refused(string why, string path) =>
        Assert.Equal($"{path} cannot be used: {why}.", Assert.Throws<StartupException>(() => SafetensorsFile.Read(path)).Message);

    private string Written(byte[] content)
    {
        var path = Path.Combine(folder.Path, "model.safetensors");
        File.WriteAllBytes(path, content);
        return path;
    }

    private string Rewritten(byte[] file, Action<JsonObject> change)
    {
        var length = (int)BinaryPrimitives.ReadUInt64LittleEndian(file);
        var header = JsonNode.Parse(file.AsSpan(sizeof(ulong), length))!.AsObject();
        change(header);
        var text = Encoding.UTF8.GetBytes(header.ToJsonString());
        var prefix = new byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(prefix, (ulong)text.Length);
        return Written([.. prefix, .. text, .. file.AsSpan(sizeof(ulong) + length)]);
    }

    /// <summary>One unit and two features: 22 parameters with one layer.</summary>
    internal static TrainedModel Model(int layers, string scaling, bool evaluated, int units = 1, string[]? features = null, int window = 2)
    {
        var columns = new ColumnPlan
        {
            Features = features ?? ["a", "b"],
            Target = "b",
            Window = window,
            Spans = scaling == Scaling.Federated ? [new() { Column = "b", Count = 3, Minimum = -0.1, Maximum = 7 }] : null,
        };
        var plan = new ModelPlan { Inputs = columns.Features.Count, Units = units, Layers = layers };
        var weights = WeightBytes.From(InitialWeights.Create(plan, 7));
        return new(plan, weights, new ModelFacts
        {
            Run = "run",
            Round = 3,
            Sha256 = WeightBytes.Sha256(weights),
            Columns = columns,
            Scaling = scaling,
            Error = evaluated ? new() { WindowCount = 5, MeanSquaredError = 0.1, MeanAbsoluteError = 1 / 3.0 } : null,
        });
    }
}
