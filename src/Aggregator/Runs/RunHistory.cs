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
            .Select(e => HistoryEvent.From(e)).ToListAsync(cancellationToken);
        return events.Count == 0
            ? null
            : Of(runId, events);
    }

    /// <summary>Only the lines of a kind, a participant, a round; null: of all.</summary>
    public RunHistory Only(string? kind, string? participant, int? round) => Of(Run,
    [
        .. Events.Where(e => (kind is null || e.Kind == kind) && (participant is null || e.Participant == participant) && (round is null || e.Round == round)),
    ]);

    private static RunHistory Of(string runId, IReadOnlyList<HistoryEvent> events) =>
        new(runId, events, new SortedDictionary<string, int>(events.CountBy(e => e.Kind).ToDictionary(), StringComparer.Ordinal));
}

/// <summary>One line of the history; <paramref name="Kind"/> is one of <see cref="EventKind"/>.</summary>
internal sealed record HistoryEvent(long Id, DateTimeOffset At, int? Round, string Kind, string? Participant, string Text)
{
    public static HistoryEvent From(EventRow row) => new(row.Id, row.At, row.Round, row.Kind, row.Participant, row.Text);
}
