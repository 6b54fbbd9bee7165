using FedQueue.Aggregator.Storage;

namespace FedQueue.Aggregator.Rounds;

/// <summary>Ends what is overdue. It reads the deadlines from the database, so a restart forgets none.</summary>
internal sealed class DeadlineClock(
    IServiceScopeFactory scopes, TimeProvider clock, StorageOutage outage, ILogger<DeadlineClock> log)
    : DatabaseWatch(TimeSpan.FromSeconds(1), scopes, clock, outage, log)
{
    private readonly ILogger log = log;

    protected override async Task Look(FedQueueDbContext db, IServiceProvider services, CancellationToken cancellationToken)
    {
        try
        {
            await services.GetRequiredService<Overdue>().End(cancellationToken);
        }
        catch (OutgoingException exception)
        {
            log.OutboxPaused(exception, TimeSpan.FromSeconds(1));
        }
    }
}
