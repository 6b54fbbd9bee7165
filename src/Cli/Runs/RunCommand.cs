using System.CommandLine;
using FedQueue.Aggregator.Runs;

namespace FedQueue.Cli.Runs;

/// <summary><c>fedqueue run</c>: what is known of a run that is under way or has ended.</summary>
internal static class RunCommand
{
    public static Command Create() => new("run", "Start, watch, cancel and look at runs, at an aggregator or in a folder.")
    {
        StartCommand.Create(),
        ListCommand.Create(),
        new RunQuestion<RunSummary>("", RunSummary.Load, SummaryText.Lines, _ => ExitStatus.Done, "rounds")
            .Command("show", "Show a run: where it stands, what it waits for, and the errors of every round."),
        WatchCommand.Create(),
        CancelCommand.Create(),
        new RunQuestion<RunVerification>("/verification", RunVerification.Load, (answer, _) => VerificationText.Lines(answer), answer => answer.Sound ? ExitStatus.Done : ExitStatus.Failed)
            .Command("verify", "Compute every round's global weights again from what was submitted, and compare the SHA-256. Exit status 1 when a round is not what it should be."),
        new RunQuestion<RunHistory>("/history", RunHistory.Load, HistoryText.Lines, _ => ExitStatus.Done, "lines")
            .Command("history", "List all that happened: who submitted what and when, copies, refusals, restarts."),
        new RunQuestion<RunQuarantine>("/quarantine", RunQuarantine.Load, (answer, _) => QuarantineText.Lines(answer), _ => ExitStatus.Done)
            .Command("quarantine", "List the submissions that failed validation, each with the reason."),
    };
}
