using System.Globalization;
using FedQueue.Aggregator.Runs;
using FedQueue.Cli.Simulation.Comparisons;
using FedQueue.Contracts;

namespace FedQueue.Cli.Runs;

internal static class SummaryText
{
    /// <summary>Where the run stands, and the table of its rounds.</summary>
    /// <param name="run">The run.</param>
    /// <param name="last">Only so many of the newest models; null: all.</param>
    public static IEnumerable<string> Lines(RunSummary run, int? last = null)
    {
        foreach (var line in Standing(run))
            yield return line;
        if (run.Models.Any(model => model.Rmse is not null))
            foreach (var line in RunReport.Lines(run, StandardOutput.Width, last))
                yield return line;
        foreach (var line in Comparison(run))
            yield return line;
        foreach (var warning in run.Warnings)
            yield return warning;
    }

    /// <summary>Lines on where the run stands and what it waits for.</summary>
    public static IEnumerable<string> Standing(RunSummary run)
    {
        yield return $"Run {run.Id}: {run.Status}{Place(run)}, asked for {Time(run.CreatedAt)}"
            + $"{(run.StartedAt is { } started ? $", started {Time(started)}" : "")}{(run.EndedAt is { } ended ? $", ended {Time(ended)}" : "")}";
        if (run.WaitingFor is not null)
            yield return run.WaitingFor;
        if (run.Reason is not null)
            yield return run.Reason;
    }

    public static IEnumerable<string> Lines(IReadOnlyList<RunListing> runs)
    {
        if (runs.Count == 0)
            return ["No run was ever asked for."];
        var (ids, states) = (runs.Max(run => run.Id.Length), runs.Max(run => run.Status.Length));
        return runs.Select(run =>
            $"{run.Id.PadRight(ids)}  {run.Status.PadRight(states)}  {Math.Min(run.Round, run.Rounds)}/{run.Rounds} rounds  {Time(run.CreatedAt)}  {run.WaitingFor ?? run.Reason}".TrimEnd());
    }

    /// <summary>What the final model stands beside, and who is still at it.</summary>
    public static IEnumerable<string> Comparison(RunSummary run)
    {
        if (run.Comparison is not { } comparison)
            yield break;

        yield return "";
        foreach (var line in ComparisonText.Lines(comparison, run.Plan.Columns.Target, StandardOutput.Width))
            yield return line;
        var missing = comparison.Federated.Participants.Keys.Except(comparison.Local?.Participants.Keys ?? []).Order(StringComparer.Ordinal).ToList();
        if (run.Plan.CompareLocal && missing.Count > 0)
            yield return $"Not known yet: the own model of {NameList.Of(missing)}.";
    }

    private static string Place(RunSummary run) => run.Status != "running" ? "" : run.Round > run.Rounds ? ", evaluating the final model" : $", round {run.Round} of {run.Rounds}";

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
