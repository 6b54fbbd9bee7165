using FedQueue.Aggregator.Runs;
using FedQueue.Aggregator.Storage;
using Microsoft.EntityFrameworkCore;

namespace FedQueue.Aggregator.Live;

/// <summary>
/// Reads new lines of the history from the database, where those of every aggregator are, and once a second where each open run
/// stands; only while somebody watches.
/// </summary>
internal sealed class LiveWatch(IServiceScopeFactory scopes, TimeProvider clock, StorageOutage outage, LiveFeed feed, ILogger<LiveWatch> log)
    : DatabaseWatch(TimeSpan.FromMilliseconds(200), scopes, clock, outage, log)
{
    private static readonly TimeSpan StandingInterval = TimeSpan.FromSeconds(1);
    private readonly TimeProvider clock = clock;
    private long? newest;
    private DateTimeOffset standingDue;

    protected override async Task Look(FedQueueDbContext db, IServiceProvider services, CancellationToken cancellationToken)
    {
        if (!feed.HasListeners)
        {
            newest = null;
            return;
        }

        // Who begins to watch reads what was before from the database.
        newest ??= await db.Events.MaxAsync(e => (long?)e.Id, cancellationToken) ?? 0;
        var appended = await db.Events.AsNoTracking().Where(e => e.Id > newest).OrderBy(e => e.Id).ToListAsync(cancellationToken);
        foreach (var row in appended)
        {
            feed.Add(new HistoryAppended(row.RunId, HistoryEvent.From(row)));
            newest = row.Id;
        }

        if (clock.GetUtcNow() < standingDue && appended.Count == 0)
            return;
        standingDue = clock.GetUtcNow() + StandingInterval;
        foreach (var standing in await RunStanding.LoadOpen(db, cancellationToken))
            feed.Add(new StandingSeen(standing));
    }
}
