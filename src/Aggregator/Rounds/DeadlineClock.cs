using FedQueue.Aggregator.Storage;
using FedQueue.Contracts;

namespace FedQueue.Aggregator.Rounds;

/// <summary>Ends what is overdue. It reads the deadlines from the database, so a restart forgets none.</summary>
internal sealed class DeadlineClock(
    IServiceScopeFactory scopes, TimeProvider clock, StorageOutage outage, ILogger<DeadlineClock> log)
    : DatabaseWatch(TimeSpan.FromSeconds(1), scopes, clock, outage, log)
{
    private readonly RareLines lines = new(clock);
    private readonly ILogger log = log;

    protected override async Task Look(FedQueueDbContext db, IServiceProvider services, CancellationToken cancellationToken)
    {
        try
        {
            await services.GetRequiredService<Overdue>().End(cancellationToken);
        }
        catch (OutgoingException exception)
        {
            if (lines.MaySay("paused", out var since))
                log.OutboxPaused(exception, TimeSpan.FromSeconds(1), RareLines.Meanwhile(since));
        }
    }
}
