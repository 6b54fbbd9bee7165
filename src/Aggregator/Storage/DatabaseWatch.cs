namespace FedQueue.Aggregator.Storage;

/// <summary>Looks into the database at an interval; while the database is away, the next look is as if nothing had been.</summary>
internal abstract class DatabaseWatch(TimeSpan interval, IServiceScopeFactory scopes, TimeProvider clock, StorageOutage outage, ILogger log)
    : BackgroundService
{
    protected abstract Task Look(FedQueueDbContext db, IServiceProvider services, CancellationToken cancellationToken);

    protected sealed override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(interval, clock);
        do
        {
            await using var scope = scopes.CreateAsyncScope();
            var db = scope.ServiceProvider.GetRequiredService<FedQueueDbContext>();
            try
            {
                await Look(db, scope.ServiceProvider, stoppingToken);
            }
            catch (Exception exception) when (StorageOutage.IsStorageProblem(exception) && !stoppingToken.IsCancellationRequested)
            {
                outage.Failed(db, exception);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                log.LookFailed(exception, GetType().Name, interval);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }
}
