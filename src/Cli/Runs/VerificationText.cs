using FedQueue.Aggregator.Runs;

namespace FedQueue.Cli.Runs;

internal static class VerificationText
{
    public static IEnumerable<string> Lines(RunVerification answer) =>
        [.. answer.Rounds.Select(round => $"round {round.Round}: {round.Outcome}{(round.Sha256 is null ? "" : $", SHA-256 {round.Sha256}")}. {round.Text}"), answer.Verdict];
}
