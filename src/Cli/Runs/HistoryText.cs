using System.Globalization;
using FedQueue.Aggregator.Runs;

namespace FedQueue.Cli.Runs;

internal static class HistoryText
{
    /// <summary>One line an event, in the order in which they happened; the last line says how often each kind did.</summary>
    public static IEnumerable<string> Lines(RunHistory answer)
    {
        var kinds = Width(answer.Events.Select(e => e.Kind));
        var participants = Width(answer.Events.Select(e => e.Participant ?? ""));
        foreach (var happened in answer.Events)
            yield return string.Create(CultureInfo.InvariantCulture,
                $"{happened.At.UtcDateTime:yyyy-MM-dd HH:mm:ss.fff}Z  {(happened.Round is { } round ? $"round {round}" : ""),-8}  "
                + $"{happened.Kind.PadRight(kinds)}  {(happened.Participant ?? "").PadRight(participants)}  {happened.Text}");

        yield return string.Join(", ", answer.Counts.OrderBy(kind => kind.Key, StringComparer.Ordinal).Select(kind => $"{kind.Key}: {kind.Value}"));
    }

    private static int Width(IEnumerable<string> texts) => texts.Select(text => text.Length).DefaultIfEmpty().Max();
}
