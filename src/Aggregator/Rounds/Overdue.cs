using FedQueue.Aggregator.Runs;
using FedQueue.Aggregator.Storage;
using FedQueue.Contracts;
using Microsoft.EntityFrameworkCore;

namespace FedQueue.Aggregator.Rounds;

/// <summary>Closes rounds whose deadline has passed, and fails runs that waited too long for their participants.</summary>
internal sealed class Overdue(FedQueueDbContext db, IOutgoing outgoing, RunEnd runEnd)
{
    /// <exception cref="OutgoingException">The broker took no command to close a round; its deadline stays overdue.</exception>
    public async Task End(CancellationToken cancellationToken)
    {
        var rounds = await db.Rounds
            .Where(round => round.CurrentState == nameof(RoundStateMachine.Collecting) && round.ClosesAt <= db.Now)
            .Select(round => round.CorrelationId)
            .ToListAsync(cancellationToken);
        foreach (var roundId in rounds)
            await outgoing.Publish(new CloseRound { RoundId = roundId }, Guid.NewGuid(), queue: null, cancellationToken);

        if (await db.Runs.AnyAsync(run => run.Status == RunStatus.Waiting && run.StartsBy <= db.Now, cancellationToken))
            await db.Transact(() => runEnd.FailUnstarted(cancellationToken), cancellationToken);
    }
}
