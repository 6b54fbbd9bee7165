using System.Globalization;
using System.Text;
using FedQueue.Aggregator.Storage;

namespace FedQueue.Reliability.Kills;

/// <summary>What the kill program has seen.</summary>
internal sealed record KillResult
{
    public required KillSettings Settings { get; init; }
    public required string ExpectedSha256 { get; init; }
    public required TimeSpan Elapsed { get; init; }
    public required IReadOnlyList<Kill> Kills { get; init; }

    /// <summary>Every run that was started.</summary>
    public required IReadOnlyList<RunHistory> Runs { get; init; }

    /// <summary>Trainings begun, repeated ones included.</summary>
    public required int Trainings { get; init; }

    public required IReadOnlyList<Repeat> Repeats { get; init; }
    public required Stall? LongestStall { get; init; }

    /// <summary>Processes that ended without having been killed, each as a sentence.</summary>
    public required IReadOnlyList<string> Exits { get; init; }

    public bool Passed =>
        Completed == Runs.Count && Equal == Runs.Count && !Unexcused.Any() && (LongestStall?.Length ?? TimeSpan.Zero) < Settings.StallLimit;

    private int Completed => Runs.Count(run => run.Status is RunStatus.Completed);
    private int Equal => Runs.Count(run => run.HasEnded && run.WeightsSha256 == ExpectedSha256);
    private int Excused => Repeats.Count(repeat => repeat.Fault is null);
    private IEnumerable<Repeat> Unexcused => Repeats.Where(repeat => repeat.Fault is not null);
    private string SetUp => Settings.Postgres ? "2 aggregators, PostgreSQL" : "1 aggregator, SQLite";
    private string ByKind => string.Join(", ", Kills.GroupBy(kill => kill.Kind).OrderBy(kind => kind.Key, StringComparer.Ordinal).Select(kind => $"{kind.Count()} {kind.Key}"));

    /// <summary>The figures, a line each, and the details of what went wrong.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        Line("set-up", $"{SetUp}, RabbitMQ, {Settings.Workers} workers, lease {Settings.Lease.TotalSeconds} s, seed {Settings.Seed}");
        Line("kills", $"{Kills.Count} ({ByKind}) in {Elapsed:h\\:mm\\:ss}");
        Line("runs completed", $"{Completed} of {Runs.Count}");
        Line("SHA-256 equal", $"{Equal} of {Runs.Count} ({ExpectedSha256})");
        Line("trainings begun", $"{Trainings}");
        Line("trained twice", $"{Excused} because the worker died, {Unexcused.Count()} for another reason");
        Line("longest stall", $"{LongestStall?.ToString() ?? "none"}, limit {Settings.StallLimit.TotalSeconds} s");
        Line("ended unasked", $"{Exits.Count}");
        foreach (var repeat in Unexcused)
            Line("  repeated", $"run {repeat.Training.RunId} round {repeat.Training.Round} {repeat.Training.Participant} by {repeat.Training.By}: {repeat.Fault}");
        foreach (var run in Runs.Where(run => run.Status is not RunStatus.Completed || run.WeightsSha256 != ExpectedSha256))
            Line("  run", $"{run.RunId} {run.Status} in round {run.Round}, {run.WeightsSha256}: {run.Reason}");
        foreach (var exit in Exits)
            Line("  ended", exit);
        return text.ToString();

        void Line(string what, string value) => text.Append(CultureInfo.InvariantCulture, $"{what,-16} {value}\n");
    }

    public const string MarkdownHeader =
        "| date | machine | set-up | command | kills | runs completed | SHA-256 equal | trained twice: worker died / other | longest stall | time |\n|---|---|---|---|---|---|---|---|---|---|\n";

    /// <summary>The figures as a row under <see cref="MarkdownHeader"/>.</summary>
    public string ToMarkdown(string command) => string.Create(CultureInfo.InvariantCulture,
        $"| {DateTime.UtcNow:yyyy-MM-dd} | {Environment.ProcessorCount} cores | {SetUp} | `{command}` | {Kills.Count} ({ByKind}) | {Completed} of {Runs.Count} | {Equal} of {Runs.Count} | {Excused} / {Unexcused.Count()} | {LongestStall?.Length.TotalSeconds ?? 0:0.0} s | {Elapsed:h\\:mm\\:ss} |\n");
}
