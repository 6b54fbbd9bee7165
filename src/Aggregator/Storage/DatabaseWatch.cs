namespace FedQueue.Aggregator.Storage;

/// <summary>Looks into the database at an interval; an error is logged, and the next look is as if nothing had been.</summary>
internal abstract class DatabaseWatch(TimeSpan interval, IServiceScopeFactory scopes, TimeProvider clock, ILogger log) : BackgroundService
{
    protected abstract Task Look(FedQueueDbContext db, CancellationToken cancellationToken);

    protected sealed override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(interval, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await using var scope = scopes.CreateAsyncScope();
                await Look(scope.ServiceProvider.GetRequiredService<FedQueueDbContext>(), stoppingToken);
            }
            catch (Exception exception) when (exception is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
            {
                log.LookFailed(exception, GetType().Name, interval);
            }
        }
    }
}
