using FedQueue.Aggregator.Storage;
using FedQueue.Contracts;
using Microsoft.Extensions.Options;

namespace FedQueue.Aggregator.Runs;

/// <summary>Asks for the configured run at every start of the service; a run that the database knows already goes on by itself.</summary>
internal sealed class AutoStart(
    IServiceScopeFactory scopes, IOptions<RunOptions> options, RunReport report, TimeProvider clock, StorageOutage outage, ILogger<AutoStart> log)
    : BackgroundService
{
    private static readonly TimeSpan PauseAfterError = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (options.Value.AutoStart)
        {
            await using var scope = scopes.CreateAsyncScope();
            var db = scope.ServiceProvider.GetRequiredService<FedQueueDbContext>();
            try
            {
                await AskFor(options.Value.ToCommand(), db, stoppingToken);
                return;
            }
            catch (Exception exception) when (StorageOutage.IsStorageProblem(exception) && !stoppingToken.IsCancellationRequested)
            {
                outage.Failed(db, exception);
                await Task.Delay(PauseAfterError, clock, stoppingToken);
            }
        }
    }

    private async Task AskFor(StartRun command, FedQueueDbContext db, CancellationToken cancellationToken)
    {
        if (await db.Runs.FindAsync([command.RunId], cancellationToken) is { HasEnded: true } known)
        {
            log.RunHadEnded(known.Id);
            await report.LogEnd(known.Id, cancellationToken);
            return;
        }

        await db.Transact(() =>
        {
            db.Publish(command);
            return Task.CompletedTask;
        }, cancellationToken);
    }
}
