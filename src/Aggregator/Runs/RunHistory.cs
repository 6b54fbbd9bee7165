using FedQueue.Aggregator.Storage;
using Microsoft.EntityFrameworkCore;

namespace FedQueue.Aggregator.Runs;

/// <summary>All that happened to a run, oldest first, and how often each kind of thing did.</summary>
/// <param name="Run">Id of the run.</param>
/// <param name="Events">Oldest first.</param>
/// <param name="Counts">Number of events by kind.</param>
/// <param name="Rounds">Rounds that it trains; the one after them evaluates. Null of a run that is not stored.</param>
internal sealed record RunHistory(string Run, IReadOnlyList<HistoryEvent> Events, IReadOnlyDictionary<string, int> Counts, int? Rounds)
{
    /// <returns>Null when nothing is known of the run.</returns>
    public static async Task<RunHistory?> Load(FedQueueDbContext db, string runId, CancellationToken cancellationToken)
    {
        var events = await db.Events.AsNoTracking().Where(e => e.RunId == runId).OrderBy(e => e.Id)
            .Select(e => HistoryEvent.From(e)).ToListAsync(cancellationToken);
        if (events.Count == 0)
            return null;

        // Something may be known of a run that never was.
        var run = await db.Runs.AsNoTracking().SingleOrDefaultAsync(r => r.Id == runId, cancellationToken);
        return Of(runId, run?.Plan().Rounds, events);
    }

    /// <summary>Only the lines of a kind, a participant, a round; null: of all.</summary>
    public RunHistory Only(string? kind, string? participant, int? round) => Of(Run, Rounds,
    [
        .. Events.Where(e => (kind is null || e.Kind == kind) && (participant is null || e.Participant == participant) && (round is null || e.Round == round)),
    ]);

    private static RunHistory Of(string runId, int? rounds, IReadOnlyList<HistoryEvent> events) =>
        new(runId, events, new SortedDictionary<string, int>(events.CountBy(e => e.Kind).ToDictionary(), StringComparer.Ordinal), rounds);
}

/// <summary>One line of the history; <paramref name="Kind"/> is one of <see cref="EventKind"/>.</summary>
internal sealed record HistoryEvent(long Id, DateTimeOffset At, int? Round, string Kind, string? Participant, string Text)
{
    public static HistoryEvent From(EventRow row) => new(row.Id, row.At, row.Round, row.Kind, row.Participant, row.Text);
}
