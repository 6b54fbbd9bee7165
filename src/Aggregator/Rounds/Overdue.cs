using FedQueue.Aggregator.Runs;
using FedQueue.Aggregator.Storage;
using FedQueue.Contracts;

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
        foreach (var roundId in await db.Queries.OverdueRounds(db, db.Now).ToListAsync(cancellationToken))
            await outgoing.Publish(new CloseRound { RoundId = roundId }, Guid.NewGuid(), queue: null, cancellationToken);

        foreach (var run in await db.Queries.RunsUnderWay(db).ToListAsync(cancellationToken))
            await OpenNext(run, cancellationToken);

        if (await db.Queries.AnyRunIsOverdue(db, db.Now, cancellationToken))
            await db.Transact(() => runEnd.FailUnstarted(cancellationToken), cancellationToken);
    }

    private async Task OpenNext(RunRow run, CancellationToken cancellationToken)
    {
        var newest = await db.Queries.NewestRound(db, run.Id, cancellationToken);
        var due = (newest is null ? run.StartedAt : newest.ClosedAt) + OpenedWithin;
        if (due > db.Now || due is null)
            return;

        var number = (newest?.Round ?? 0) + 1;
        await outgoing.Publish(
            new StartRound { RunId = run.Id, Round = number, RoundId = RoundIdentity.Of(run.Id, number) }, Guid.NewGuid(), queue: null, cancellationToken);
    }
}
