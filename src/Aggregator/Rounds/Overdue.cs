using FedQueue.Aggregator.Runs;
using FedQueue.Aggregator.Storage;
using FedQueue.Contracts;
using Microsoft.EntityFrameworkCore;

namespace FedQueue.Aggregator.Rounds;

/// <summary>
/// Closes rounds whose deadline has passed, opens those that nobody opened, and fails runs that waited too long for their
/// participants. A command that is published twice has no effect the second time.
/// </summary>
internal sealed class Overdue(FedQueueDbContext db, IOutgoing outgoing, RunEnd runEnd)
{
    /// <summary>Opening a round takes milliseconds; after this its command is lost, with an in-memory queue for instance.</summary>
    private static readonly TimeSpan OpenedWithin = TimeSpan.FromSeconds(5);

    /// <exception cref="OutgoingException">The broker took no command; what is overdue stays so.</exception>
    public async Task End(CancellationToken cancellationToken)
    {
        var rounds = await db.Rounds
            .Where(round => round.CurrentState == nameof(RoundStateMachine.Collecting) && round.ClosesAt <= db.Now)
            .Select(round => round.CorrelationId)
            .ToListAsync(cancellationToken);
        foreach (var roundId in rounds)
            await outgoing.Publish(new CloseRound { RoundId = roundId }, Guid.NewGuid(), queue: null, cancellationToken);

        foreach (var run in await db.Runs.AsNoTracking().Where(run => run.Status == RunStatus.Running).ToListAsync(cancellationToken))
            await OpenNext(run, cancellationToken);

        if (await db.Runs.AnyAsync(run => run.Status == RunStatus.Waiting && run.StartsBy <= db.Now, cancellationToken))
            await db.Transact(() => runEnd.FailUnstarted(cancellationToken), cancellationToken);
    }

    private async Task OpenNext(RunRow run, CancellationToken cancellationToken)
    {
        var newest = await db.Rounds.AsNoTracking().Where(r => r.RunId == run.Id).OrderByDescending(r => r.Round).FirstOrDefaultAsync(cancellationToken);
        var due = (newest is null ? run.StartedAt : newest.ClosedAt) + OpenedWithin;
        if (due > db.Now || due is null)
            return;

        var number = (newest?.Round ?? 0) + 1;
        await outgoing.Publish(
            new StartRound { RunId = run.Id, Round = number, RoundId = RoundIdentity.Of(run.Id, number) }, Guid.NewGuid(), queue: null, cancellationToken);
    }
}
