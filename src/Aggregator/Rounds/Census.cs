using FedQueue.Aggregator.Participants;
using FedQueue.Aggregator.Storage;
using Microsoft.EntityFrameworkCore;

namespace FedQueue.Aggregator.Rounds;

/// <summary>Counts participants and outgoing messages, so that whoever collects metrics never waits for the database.</summary>
internal sealed class Census(IServiceScopeFactory scopes, TimeProvider clock, RoundMetrics metrics, StorageOutage outage, ILogger<Census> log)
    : DatabaseWatch(TimeSpan.FromSeconds(3), scopes, clock, outage, log)
{
    protected override async Task Look(FedQueueDbContext db, IServiceProvider services, CancellationToken cancellationToken)
    {
        if (!metrics.WantsCounts)
            return;

        var participants = await db.Participants.AsNoTracking().ToListAsync(cancellationToken);
        metrics.Counted(
            present: participants.Count(db.Leases.IsPresent),
            claimed: participants.Count(p => db.Leases.IsHeld(p) && !db.Leases.IsPresent(p)),
            free: participants.Count(p => !db.Leases.IsHeld(p)),
            backlog: await db.Outbox.CountAsync(cancellationToken));
    }
}
