using System.Globalization;
using FedQueue.Aggregator.Runs;
using FedQueue.Contracts;

namespace FedQueue.Cli.Runs;

internal static class HistoryText
{
    /// <summary>One line an event, in the order in which they happened; the last line says how often each kind did.</summary>
    /// <param name="answer">All of them.</param>
    /// <param name="last">Only so many of the newest; null: all.</param>
    public static IEnumerable<string> Lines(RunHistory answer, int? last = null)
    {
        var events = answer.Events.TakeLast(last ?? int.MaxValue).ToList();
        var kinds = Width(events.Select(e => e.Kind));
        var participants = Width(events.Select(e => e.Participant ?? ""));
        foreach (var happened in events)
            yield return string.Create(CultureInfo.InvariantCulture,
                $"{happened.At.UtcDateTime:yyyy-MM-dd HH:mm:ss.fff}Z  {(happened.Round is { } round ? RoundIdentity.PlaceOf(round, round > answer.Rounds) : ""),-10}  "
                + $"{happened.Kind.PadRight(kinds)}  {(happened.Participant ?? "").PadRight(participants)}  {happened.Text}");

        yield return string.Join(", ", answer.Counts.OrderBy(kind => kind.Key, StringComparer.Ordinal).Select(kind => $"{kind.Key}: {kind.Value}"));
    }

    private static int Width(IEnumerable<string> texts) => texts.Select(text => text.Length).DefaultIfEmpty().Max();
}
