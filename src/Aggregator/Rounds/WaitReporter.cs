using FedQueue.Aggregator.Storage;
using Microsoft.EntityFrameworkCore;

namespace FedQueue.Aggregator.Rounds;

/// <summary>Logs every ten seconds what each open run waits for: no wait is unexplained.</summary>
internal sealed class WaitReporter(
    IServiceScopeFactory scopes, TimeProvider clock, RoundMetrics metrics, StorageOutage outage, ILogger<WaitReporter> log)
    : DatabaseWatch(TimeSpan.FromSeconds(10), scopes, clock, outage, log)
{
    private readonly Stalls stalls = new();
    private readonly ILogger log = log;

    protected override async Task Look(FedQueueDbContext db, IServiceProvider services, CancellationToken cancellationToken)
    {
        var open = await db.Runs.AsNoTracking()
            .Where(run => run.Status == RunStatus.Waiting || run.Status == RunStatus.Running).ToListAsync(cancellationToken);
        var participants = open.Count == 0 ? [] : await db.Participants.AsNoTracking().ToListAsync(cancellationToken);
        var waits = new List<Stall>();

        foreach (var run in open)
        {
            var round = await db.Rounds.AsNoTracking()
                .Where(r => r.RunId == run.Id).OrderByDescending(r => r.Round).FirstOrDefaultAsync(cancellationToken);
            if (await Wait.Sentence(db, run, round, cancellationToken) is { } sentence)
                log.Waiting(sentence);
            if (Stall.Of(run, round, behindAnother: open.Exists(r => r.Status == RunStatus.Running), participants, db.Leases) is { } wait)
                waits.Add(wait);
        }

        foreach (var stall in stalls.Lasting(waits))
            metrics.Stalled(stall.Reason);
    }
}
