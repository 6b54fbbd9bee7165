using FedQueue.Aggregator.Storage;
using Microsoft.EntityFrameworkCore;

namespace FedQueue.Aggregator.Rounds;

/// <summary>Logs every ten seconds what each open run waits for: no wait is unexplained.</summary>
internal sealed class WaitReporter(IServiceScopeFactory scopes, TimeProvider clock, ILogger<WaitReporter> log) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await Report(stoppingToken);
            }
            catch (Exception exception) when (exception is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
            {
                log.WaitsUnread(exception);
            }
        }
    }

    private async Task Report(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<FedQueueDbContext>();
        var open = await db.Runs.AsNoTracking()
            .Where(run => run.Status == RunStatus.Waiting || run.Status == RunStatus.Running).ToListAsync(cancellationToken);

        foreach (var run in open)
        {
            var round = await db.Rounds.AsNoTracking()
                .Where(r => r.RunId == run.Id).OrderByDescending(r => r.Round).FirstOrDefaultAsync(cancellationToken);
            if (await Wait.Sentence(db, run, round, cancellationToken) is { } sentence)
                log.Waiting(sentence);
        }
    }
}
