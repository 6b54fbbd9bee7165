using System.Text.RegularExpressions;

namespace FedQueue.Contracts;

/// <summary>
/// The name of a worker: its host, a dash, twelve random hex digits, and with several slots their number. Who knows the whole name can answer in its place, so only
/// the beginning is shown to people; its own log has it whole.
/// </summary>
public static partial class WorkerName
{
    /// <summary>A new one for each start of a process, so that a restarted worker is told the open round like any other.</summary>
    public static string New(string host) => $"{host}-{Guid.NewGuid():N}"[..(host.Length + 13)];

    /// <summary>As much as tells it from others; a name of another form, which has no random part, as it is.</summary>
    public static string Shown(string worker) =>
        PlainText.Of(OfOurs().Match(worker) is { Success: true } ours ? $"{ours.Groups["host"]}…{ours.Groups["slot"]}" : worker);

    [GeneratedRegex("^(?<host>.+-[0-9a-f]{4})[0-9a-f]{8}(?<slot>-[0-9]+)?$", RegexOptions.CultureInvariant)]
    private static partial Regex OfOurs();
}
