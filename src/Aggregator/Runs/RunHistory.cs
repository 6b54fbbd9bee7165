using FedQueue.Aggregator.Storage;
using Microsoft.EntityFrameworkCore;

namespace FedQueue.Aggregator.Runs;

/// <summary>All that happened to a run, oldest first, and how often each kind of thing did.</summary>
internal sealed record RunHistory(string Run, IReadOnlyList<HistoryEvent> Events, IReadOnlyDictionary<string, int> Counts)
{
    /// <returns>Null when nothing is known of the run.</returns>
    public static async Task<RunHistory?> Load(FedQueueDbContext db, string runId, CancellationToken cancellationToken)
    {
        var events = await db.Events.AsNoTracking().Where(e => e.RunId == runId).OrderBy(e => e.Id)
            .Select(e => new HistoryEvent(e.Id, e.At, e.Round, e.Kind, e.Participant, e.Text)).ToListAsync(cancellationToken);
        return events.Count == 0
            ? null
            : new(runId, events, new SortedDictionary<string, int>(events.CountBy(e => e.Kind).ToDictionary(), StringComparer.Ordinal));
    }
}

/// <summary>One line of the history; <paramref name="Kind"/> is one of <see cref="EventKind"/>.</summary>
internal sealed record HistoryEvent(long Id, DateTimeOffset At, int? Round, string Kind, string? Participant, string Text);
