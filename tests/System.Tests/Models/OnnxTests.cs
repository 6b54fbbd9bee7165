using FedQueue.Aggregator.Models;
using FedQueue.Contracts;
using FedQueue.System.Tests.OneProcess;
using FedQueue.Worker.Data;
using FedQueue.Worker.Training;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace FedQueue.System.Tests.Models;

public sealed class OnnxTests
{
    private const float Tolerance = 1e-5f;

    [Theory]
    [InlineData(1, 1, 1, 1)]
    [InlineData(1, 32, 8, 10)]
    [InlineData(2, 7, 3, 5)]
    [InlineData(3, 16, 2, 30)]
    public void OnnxRuntime_predicts_what_the_trainers_predict(int layers, int units, int inputs, int window)
    {
        var model = ModelFileTests.Model(layers, Scaling.Participant, evaluated: false, units, [.. Enumerable.Range(0, inputs).Select(i => $"x{i}")], window);
        var random = new SeededRandom(3);
        var windows = Enumerable.Range(0, 100 * window * inputs).Select(_ => (float)random.NextDouble()).ToArray();

        AssertEqual(model, windows);
    }

    /// <summary>Where all share their ranges, the graph itself scales: values of another magnitude, far outside, and of a column that never changes.</summary>
    [Fact]
    public void With_shared_ranges_the_graph_takes_and_gives_the_columns_own_units()
    {
        var plain = ModelFileTests.Model(1, Scaling.Federated, evaluated: false, 8, ["time", "flow", "still"], 4);
        ColumnSpan[] spans =
        [
            new() { Column = "time", Count = 9, Minimum = 1_700_000_000, Maximum = 1_700_000_060 },
            new() { Column = "flow", Count = 9, Minimum = -0.1, Maximum = 7 },
            new() { Column = "still", Count = 9, Minimum = 5, Maximum = 5 },
            new() { Column = plain.Facts.Columns.Target, Count = 9, Minimum = 20, Maximum = 95 },
        ];
        var model = plain with { Facts = plain.Facts with { Columns = plain.Facts.Columns with { Spans = spans.DistinctBy(span => span.Column).ToList() } } };
        var random = new SeededRandom(4);
        var rows = Enumerable.Range(0, 200).Select(row => new[] { 1_700_000_000 + row * 0.5, row == 7 ? 1e12 : 7 * random.NextDouble(), row }).ToList();
        ColumnRange[] ranges = [.. spans.Take(3).Select(span => new ColumnRange(span.Column, span.Minimum, span.Maximum))];
        var target = spans.Single(span => span.Column == model.Facts.Columns.Target);
        var scaled = rows.SelectMany(row => row.Select((value, column) => ranges[column].Scale(value))).ToArray();
        var expected = new SimdTrainer().Predict(model.Plan, WeightBytes.ToFloats(model.Weights), scaled, 4)
            .Select(value => new ColumnRange("", target.Minimum, target.Maximum).Unscale(value)).ToList();

        using var session = new InferenceSession(OnnxFile.Bytes(model));
        using var results = session.Run([NamedOnnxValue.CreateFromTensor("windows", new DenseTensor<double>(rows.SelectMany(row => row).ToArray(), [50, 4, 3]))]);

        Assert.All(expected.Zip(results[0].AsTensor<double>()), pair => Assert.Equal(pair.First, pair.Second, 75 * Tolerance));
    }

    /// <summary>Trained weights, and every held-out window of the repository's data.</summary>
    [Fact]
    public async Task The_files_of_a_run_predict_what_the_run_evaluated()
    {
        using var folder = new TemporaryFolder();
        await using var program = RunningProgram.FedQueue("simulate", "--data", Repository.Data, "--out", folder.Path, "--rounds", "2", "--epochs", "20", "--compare", "none", "--json");
        Assert.Equal(0, await program.Exit());
        var run = Simulate.LastLine(program);
        var path = run.GetProperty("model").GetString()!;
        var model = SafetensorsFile.Read(path);

        List<HeldOutError> errors = [];
        foreach (var file in Directory.GetFiles(Repository.Data, "*.csv").Order(StringComparer.Ordinal))
        {
            var windows = ParticipantWindows.From(ParticipantFile.Read(file, model.Facts.Columns));
            errors.Add(windows.ErrorOf(AssertEqual(model, windows.HeldOutInputs, Path.ChangeExtension(path, ".onnx"))));
        }

        // The files give the run's own evaluation, which the metadata says too.
        Assert.Equal(run.GetProperty("rmse").GetDouble(), HeldOutError.Weighted(errors)!.RootMeanSquaredError(), 1e-9);
        Assert.Equal(run.GetProperty("rmse").GetDouble(), model.Facts.Error!.RootMeanSquaredError(), 1e-12);
        Assert.Equal(run.GetProperty("weightsSha256").GetString(), model.Facts.Sha256);
    }

    /// <returns>The kernels' predictions.</returns>
    private static float[] AssertEqual(TrainedModel model, float[] windows, string? onnx = null)
    {
        var (window, inputs) = (model.Facts.Columns.Window, model.Plan.Inputs);
        var expected = new SimdTrainer().Predict(model.Plan, WeightBytes.ToFloats(model.Weights), windows, window);

        using var session = onnx is null ? new InferenceSession(OnnxFile.Bytes(model)) : new InferenceSession(onnx);
        var tensor = new DenseTensor<float>(windows, [expected.Length, window, inputs]);
        using var results = session.Run([NamedOnnxValue.CreateFromTensor("windows", tensor)]);
        var predicted = results[0].AsTensor<float>();

        Assert.Equal([expected.Length, 1], predicted.Dimensions.ToArray());
        Assert.All(expected.Zip(predicted), pair => Assert.True(Math.Abs(pair.First - pair.Second) <= Tolerance, $"{pair}"));
        Assert.Equal(model.Facts.Sha256, session.ModelMetadata.CustomMetadataMap["fedqueue.sha256"]);
        return expected;
    }
}
