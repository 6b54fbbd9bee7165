using FedQueue.Aggregator.Storage;
using FedQueue.Contracts;
using MassTransit;
using Microsoft.EntityFrameworkCore;

namespace FedQueue.Aggregator.Rounds;

/// <summary>
/// Closes rounds whose deadline has passed. It reads the deadlines from the database, so a restart forgets none; a command that
/// is published twice has no effect the second time.
/// </summary>
internal sealed class DeadlineClock(IServiceScopeFactory scopes, IBus bus, TimeProvider clock, ILogger<DeadlineClock> log)
    : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await CloseOverdue(stoppingToken);
            }
            catch (Exception exception) when (exception is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
            {
                log.DeadlinesUnread(exception);
            }
        }
    }

    private async Task CloseOverdue(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<FedQueueDbContext>();
        var overdue = await db.Rounds
            .Where(round => round.CurrentState == nameof(RoundStateMachine.Collecting) && round.ClosesAt <= db.Now)
            .Select(round => round.CorrelationId)
            .ToListAsync(cancellationToken);

        foreach (var roundId in overdue)
            await bus.Publish(new CloseRound { RoundId = roundId }, cancellationToken);
    }
}
