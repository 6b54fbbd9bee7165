using FedQueue.Aggregator.Runs;

namespace FedQueue.Cli.Simulation;

/// <summary>The last line of standard output under <c>--json</c>.</summary>
internal sealed record ResultJson
{
    public required string Run { get; init; }

    /// <summary>completed, failed or interrupted.</summary>
    public required string Status { get; init; }

    /// <summary>Why it failed, or where it was interrupted and how to go on.</summary>
    public string? Reason { get; init; }

    public required int Rounds { get; init; }
    public required int Participants { get; init; }

    /// <summary>Of the final weights; null when the run was interrupted.</summary>
    public string? WeightsSha256 { get; init; }

    public double? Mse { get; init; }
    public double? Mae { get; init; }
    public double? Rmse { get; init; }

    /// <summary>Time that this command took until the run had ended.</summary>
    public required double Seconds { get; init; }

    /// <summary>Path of the model's file, when there is one.</summary>
    public string? Model { get; init; }

    /// <summary>Reasons to doubt the model, each as a sentence.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>What the result stands beside; null when nothing was compared.</summary>
    public RunComparison? Comparison { get; init; }

    public static ResultJson Of(RunSummary run, int participants, TimeSpan elapsed, string? model, RunComparison? comparison = null)
    {
        var newest = run.Models.Count > 0 ? run.Models[^1] : null;
        return new ResultJson
        {
            Run = run.Id,
            Status = run.Status,
            Reason = run.Reason,
            Rounds = run.Rounds,
            Participants = participants,
            WeightsSha256 = run.WeightsSha256,
            Mse = newest?.Mse,
            Mae = newest?.Mae,
            Rmse = newest?.Rmse,
            Seconds = Math.Round(elapsed.TotalSeconds, 3),
            Model = File.Exists(model) ? model : null,
            Warnings = run.Warnings,
            Comparison = comparison,
        };
    }

    public override string ToString() => Answer.OneLineOf(this);
}
