using System.Text.Json;

namespace FedQueue.System.Tests.OneProcess;

public sealed class ComparisonTests
{
    private static readonly string[] Job = ["--seed", "7", "--rounds", "2", "--epochs", "3"];

    [Fact]
    public async Task The_result_stands_beside_local_models_a_central_one_and_forecasts_without_a_model()
    {
        using var folder = new TemporaryFolder();
        var run = await Simulate.Json([.. Job, "--compare", "central", "--report", folder.Path]);

        var comparison = run.GetProperty("comparison");
        Assert.Equal(run.GetProperty("rmse").GetDouble(), comparison.GetProperty("federated").GetProperty("weightedRmse").GetDouble(), 1e-12);
        foreach (var name in new[] { "federated", "local", "repeatLast", "mean", "central" })
            Assert.Equal(
                ["task_001", "task_005", "task_009", "task_010", "task_014"],
                comparison.GetProperty(name).GetProperty("participants").EnumerateObject().Select(p => p.Name).Order(StringComparer.Ordinal));

        // As './fedqueue data baselines Data' has them.
        Assert.Equal(20.547, comparison.GetProperty("repeatLast").GetProperty("weightedRmse").GetDouble(), 0.0005);
        Assert.Equal(31.629, comparison.GetProperty("mean").GetProperty("weightedRmse").GetDouble(), 0.0005);

        // The report has the errors by round, and what the model predicts for each participant.
        var page = await File.ReadAllTextAsync(Path.Combine(folder.Path, $"{run.GetProperty("run").GetString()}.html"));
        Assert.Equal(6, page.Split("<svg ").Length - 1);
        Assert.Contains("all data in one place, 6 epochs", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", page, StringComparison.Ordinal);

        // Six epochs of one participant's 30 steps, against six of everybody's 149.
        Assert.True(Rmse(comparison, "central") < Rmse(comparison, "local"), $"{comparison}");
        var again = await Simulate.Json([.. Job, "--compare", "local"]);
        Assert.Equal(Rmse(comparison, "local"), Rmse(again.GetProperty("comparison"), "local"));
        Assert.Equal(JsonValueKind.Null, again.GetProperty("comparison").GetProperty("central").ValueKind);
    }

    private static double Rmse(JsonElement comparison, string name) => comparison.GetProperty(name).GetProperty("weightedRmse").GetDouble();
}
