using System.Collections.Concurrent;

namespace FedQueue.Aggregator.Storage;

/// <summary>Keeps a history readable and its table small when a sick program sends the same for days: of lines that others cause, a run has only so many.</summary>
internal sealed class HistoryNoise
{
    /// <summary>Lines of one run since this start of the aggregator.</summary>
    internal const int MostLines = 1_000;

    private const int MostRuns = 1_000;

    private readonly ConcurrentDictionary<string, int> lines = [];

    /// <summary>A run begins, which has none yet.</summary>
    public void Forget(string runId) => lines.TryRemove(runId, out _);

    /// <param name="runId">Whose history.</param>
    /// <param name="text">The line; the last one says that it is the last.</param>
    public bool MayWrite(string runId, ref string text)
    {
        if (lines.Count >= MostRuns)
            lines.Clear();
        var count = lines.AddOrUpdate(runId, 1, (_, before) => before + 1);
        if (count == MostLines)
            text += $" It is the {MostLines:N0}th line of this kind; more are not written.";
        return count <= MostLines;
    }
}
