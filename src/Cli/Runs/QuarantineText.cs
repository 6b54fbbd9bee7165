using System.Globalization;
using FedQueue.Aggregator.Runs;

namespace FedQueue.Cli.Runs;

internal static class QuarantineText
{
    public static IEnumerable<string> Lines(RunQuarantine answer) =>
    [
        .. answer.Entries.Select(entry => string.Create(CultureInfo.InvariantCulture,
            $"{entry.ReceivedAt.UtcDateTime:yyyy-MM-dd HH:mm:ss.fff}Z  round {entry.Round}  {entry.Participant} from {entry.WorkerId}: {entry.Reason} "
            + $"({entry.SampleCount} samples, {entry.Bytes} bytes{(entry.Sha256 is null ? "" : $", SHA-256 {entry.Sha256}")})")),
        answer.Count switch
        {
            0 => $"Run {answer.Run} has nothing in quarantine.",
            1 => $"Run {answer.Run} has 1 submission in quarantine.",
            _ => $"Run {answer.Run} has {answer.Count} submissions in quarantine.",
        },
    ];
}
