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
    : DatabaseWatch(TimeSpan.FromSeconds(1), scopes, clock, log)
{
    protected override async Task Look(FedQueueDbContext db, CancellationToken cancellationToken)
    {
        var overdue = await db.Rounds
            .Where(round => round.CurrentState == nameof(RoundStateMachine.Collecting) && round.ClosesAt <= db.Now)
            .Select(round => round.CorrelationId)
            .ToListAsync(cancellationToken);

        foreach (var roundId in overdue)
            await bus.Publish(new CloseRound { RoundId = roundId }, cancellationToken);
    }
}
