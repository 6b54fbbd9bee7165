using System.Buffers.Binary;
using System.Text.Json;
using System.Text.RegularExpressions;
using FedQueue.Contracts;

namespace FedQueue.Aggregator.Models;

/// <summary>
/// Models as safetensors (https://huggingface.co/docs/safetensors): an 8-byte length, a JSON header, float32 data. Names and shapes
/// are those of PyTorch's <c>nn.LSTM</c> and <c>nn.Linear</c>, so its loaders and others read them.
/// </summary>
internal static partial class SafetensorsFile
{
    /// <summary>The format's own limit.</summary>
    private const long MaxHeader = 100_000_000;

    /// <summary>Equal models give equal bytes.</summary>
    public static byte[] Bytes(TrainedModel model) => ModelFiles.Joined(Pieces(model));

    /// <summary>The file in pieces, of which the last is the model's weights themselves.</summary>
    public static IReadOnlyList<ReadOnlyMemory<byte>> Pieces(TrainedModel model)
    {
        var header = Header(model);
        var length = new byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)header.Length);
        return [length, header, model.Weights];
    }

    /// <summary>Reads a model that <see cref="Bytes"/> wrote.</summary>
    /// <exception cref="StartupException">It is truncated, altered or of another model; the message says which, and what to do.</exception>
    public static TrainedModel Read(string path)
    {
        try
        {
            if (Directory.Exists(path) || !File.Exists(path))
                throw new FormatException(Directory.Exists(path) ? "it is a folder; name the file" : "there is no such file; check the path");
            if (RegularFile.LengthOf(path) == 0)
                throw new FormatException("it is empty, a pipe or a device; name the model that a run has written");
            using var file = File.OpenRead(path);
            return Read(file);
        }
        catch (FormatException exception)
        {
            throw new StartupException($"{path} cannot be used: {exception.Message}.");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new StartupException($"{path} cannot be read ({exception.Message.TrimEnd('.')}); check the file and its permissions.");
        }
    }

    /// <summary>Reads the header first: only when it describes a model, and the file has the length of one, are there bytes to make room for.</summary>
    private static TrainedModel Read(FileStream file)
    {
        const string anew = "download or copy it anew";
        if (file.Length < sizeof(ulong))
            throw new FormatException($"it has {file.Length} bytes and is no safetensors file; name the model that a run has written");
        var length = BinaryPrimitives.ReadUInt64LittleEndian(Next(file, sizeof(ulong)));
        if (length > MaxHeader)
            throw new FormatException("it is no safetensors file; name the model that a run has written");
        if (length > (ulong)(file.Length - sizeof(ulong)))
            throw new FormatException($"it is truncated: its header is to have {length} bytes, and {file.Length - sizeof(ulong)} follow; {anew}");

        var (facts, tensors) = ReadHeader(Next(file, (int)length));
        var plan = PlanOf(tensors, facts);
        var (there, expected) = (file.Length - file.Position, plan.ParameterCount() * (long)sizeof(float));
        if (there != expected)
            throw new FormatException($"it is {(there < expected ? "truncated" : "too long")}: its weights have {there} of {expected} bytes; {anew}");
        var weights = Next(file, (int)expected);
        var sha256 = WeightBytes.Sha256(weights);
        return sha256 == facts.Sha256
            ? new(plan, weights, facts)
            : throw new FormatException($"it was altered: its weights have SHA-256 {sha256}, and its metadata says {facts.Sha256}; {anew}");
    }

    private static byte[] Next(FileStream file, int length)
    {
        var bytes = new byte[length];
        file.ReadExactly(bytes);
        return bytes;
    }

    private static (ModelFacts Facts, Dictionary<string, TensorEntry> Tensors) ReadHeader(ReadOnlySpan<byte> header)
    {
        try
        {
            var entries = JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(header) ?? throw new JsonException();
            var pairs = entries.Remove("__metadata__", out var metadata) ? metadata.Deserialize<Dictionary<string, string>>() : null;
            var facts = ModelFacts.From(pairs ?? throw new FormatException("it has no metadata, so it is no model of FedQueue"));
            return (facts, entries.ToDictionary(entry => entry.Key, entry => entry.Value.Deserialize<TensorEntry>(ModelFacts.Strict) ?? throw new JsonException()));
        }
        catch (JsonException)
        {
            throw new FormatException("its header is no JSON of a safetensors file; name the model that a run has written, or copy it anew");
        }
    }

    /// <summary>The LSTM whose tensors these are.</summary>
    private static ModelPlan PlanOf(Dictionary<string, TensorEntry> tensors, ModelFacts facts)
    {
        // Shapes are another's: a model beyond the ranges of a plan, or of gigabytes, is none of ours.
        const int mostUnits = 4_096;
        const int mostLayers = 16;
        var plan = new ModelPlan
        {
            Inputs = facts.Columns.Features.Count,
            Units = tensors.TryGetValue("linear.weight", out var linear) && linear.Shape is [1, > 0 and <= mostUnits and var units] ? units : throw Other("linear.weight", linear),
            Layers = Math.Min(mostLayers, tensors.Keys.Count(name => InputWeights().IsMatch(name))),
        };
        if (plan.Tensors().Sum(tensor => tensor.Shape.Aggregate(1L, (product, extent) => product * extent)) > int.MaxValue / sizeof(float))
            throw new FormatException("it has more weights than a model of FedQueue can have");
        var offset = 0L;
        foreach (var tensor in plan.Tensors())
        {
            var bytes = tensor.Length * (long)sizeof(float);
            if (!tensors.TryGetValue(tensor.Name, out var entry) || entry.Type != "F32" || !entry.Shape.SequenceEqual(tensor.Shape) || !entry.Offsets.SequenceEqual([offset, offset + bytes]))
                throw Other(tensor.Name, entry);
            offset += bytes;
        }

        return tensors.Keys.Except(plan.Tensors().Select(tensor => tensor.Name)).FirstOrDefault() is { } stranger
            ? throw new FormatException($"it is of another kind of model: it has a tensor {stranger}")
            : plan;

        static FormatException Other(string name, TensorEntry? entry) =>
            new($"it is of another kind of model: its tensor {name} {(entry is null ? "is missing" : $"has type {entry.Type}, shape [{string.Join(", ", entry.Shape)}] and offsets [{string.Join(", ", entry.Offsets)}]")}");
    }

    private static byte[] Header(TrainedModel model)
    {
        var header = new Dictionary<string, object> { ["__metadata__"] = new Dictionary<string, string>(model.Facts.ToPairs()) };
        var offset = 0;
        foreach (var tensor in model.Plan.Tensors())
        {
            var end = offset + tensor.Length * sizeof(float);
            header[tensor.Name] = new { dtype = "F32", shape = tensor.Shape, data_offsets = new[] { offset, end } };
            offset = end;
        }

        return JsonSerializer.SerializeToUtf8Bytes(header);
    }

    [GeneratedRegex(@"^lstm\.weight_ih_l\d+$")]
    private static partial Regex InputWeights();

    private sealed record TensorEntry
    {
        [System.Text.Json.Serialization.JsonPropertyName("dtype")]
        public string Type { get; init; } = "";

        [System.Text.Json.Serialization.JsonPropertyName("shape")]
        public int[] Shape { get; init; } = [];

        [System.Text.Json.Serialization.JsonPropertyName("data_offsets")]
        public long[] Offsets { get; init; } = [];
    }
}
