using System.Globalization;
using System.Text.Json;
using FedQueue.System.Tests.OneProcess;

namespace FedQueue.System.Tests.Models;

public sealed class ModelCommandTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_model_is_shown_evaluated_exported_and_predicts_in_original_units()
    {
        var model = await Train("--rounds", "2", "--epochs", "20");

        var shown = await Run("show", "--model", model);
        Assert.Contains("predicts  Progress, 1 rows after a window of 10\n", shown, StringComparison.Ordinal);
        Assert.Contains("scaled    by each participant's own training rows; known are those of task_001, task_005, task_009, task_010, task_014\n", shown, StringComparison.Ordinal);

        var evaluated = JsonDocument.Parse(await Run("evaluate", "--model", model, "--data", Repository.Data, "--json")).RootElement.GetProperty("participants");
        Assert.Equal(5, evaluated.GetArrayLength());
        Assert.Contains("20.5474", await Run("evaluate", "--model", model, "--data", Repository.Data), StringComparison.Ordinal);

        var (csv, png) = (Path.Combine(folder.Path, "p.csv"), Path.Combine(folder.Path, "p.png"));
        await Run("predict", "--model", model, "--data", Path.Combine(Repository.Data, "task_001.csv"), "--out", csv, "--plot", png);
        var lines = await File.ReadAllLinesAsync(csv);
        Assert.Equal("row,actual,predicted", lines[0]);
        Assert.Equal(1 + 1_191, lines.Length);
        Assert.StartsWith("11,", lines[1], StringComparison.Ordinal);
        Assert.StartsWith("1201,,", lines[^1], StringComparison.Ordinal);
        Assert.Equal([0x89, (byte)'P', (byte)'N', (byte)'G'], (await File.ReadAllBytesAsync(png))[..4]);

        // The last 240 labels are the held-out ones: their error is the one that 'evaluate' says.
        var squares = lines[^241..^1].Select(line => line.Split(',').Select(cell => double.Parse(cell, CultureInfo.InvariantCulture)).ToArray()).Average(cells => Math.Pow(cells[1] - cells[2], 2));
        Assert.Equal(evaluated[0].GetProperty("model").GetProperty("meanSquaredError").GetDouble(), squares, 1e-6);

        var onnx = Path.Combine(folder.Path, "m.onnx");
        await Run("export", "--model", model, "--out", onnx);
        Assert.Equal(await File.ReadAllBytesAsync(Path.ChangeExtension(model, ".onnx")), await File.ReadAllBytesAsync(onnx));
    }

    /// <summary>task_014 trains in no round; the others' spans scale it, and its errors are in its own unit.</summary>
    [Fact]
    public async Task A_participant_that_was_held_out_of_training_is_predicted_with_federated_scaling()
    {
        var model = await Train("--workers", "4", "--rounds", "5", "--epochs", "40", "--scaling", "federated");
        Assert.Contains("scaled    by everybody's training rows: Progress 0 to 100, CPU_Frequency ", await Run("show", "--model", model), StringComparison.Ordinal);

        var held = Path.Combine(Repository.Data, "task_014.csv");
        var errors = JsonDocument.Parse(await Run("evaluate", "--model", model, "--data", held, "--json")).RootElement.GetProperty("participants")[0];

        var rmse = Math.Sqrt(errors.GetProperty("model").GetProperty("meanSquaredError").GetDouble());
        Assert.True(rmse < Math.Sqrt(errors.GetProperty("repeatLast").GetProperty("meanSquaredError").GetDouble()), $"{errors}");
    }

    [Fact]
    public async Task What_cannot_be_used_gets_a_sentence_and_status_2()
    {
        var text = Path.Combine(folder.Path, "text.safetensors");
        await File.WriteAllTextAsync(text, "This is no model at all.");
        Assert.StartsWith($"{text} cannot be used: it is no safetensors file;", await Refusal("show", "--model", text), StringComparison.Ordinal);

        var model = await Train("--rounds", "1", "--epochs", "1");
        var csv = Path.Combine(folder.Path, "other.csv");
        await File.WriteAllTextAsync(csv, "x,y\n1,2\n");
        Assert.StartsWith($"{csv}, line 1: the header lacks 'Progress'", await Refusal("predict", "--model", model, "--data", csv, "--participant", "task_001"), StringComparison.Ordinal);
        Assert.Contains("cannot be written", await Refusal("predict", "--model", model, "--data", Path.Combine(Repository.Data, "task_001.csv"), "--out", Path.Combine(csv, "p.csv")), StringComparison.Ordinal);
    }

    private async Task<string> Train(params string[] options)
    {
        await using var program = RunningProgram.FedQueue(["simulate", "--data", Repository.Data, "--out", folder.Path, "--compare", "none", "--json", .. options]);
        Assert.True(await program.Exit() == 0, program.Error);
        return Simulate.LastLine(program).GetProperty("model").GetString()!;
    }

    private static async Task<string> Run(params string[] arguments)
    {
        await using var program = RunningProgram.FedQueue(["model", .. arguments]);
        Assert.True(await program.Exit() == 0, program.Output + program.Error);
        return program.Output;
    }

    private static async Task<string> Refusal(params string[] arguments)
    {
        await using var program = RunningProgram.FedQueue(["model", .. arguments]);
        Assert.Equal(2, await program.Exit());
        return program.Error;
    }
}
