using FedQueue.Aggregator.Storage;
using FedQueue.Contracts;
using Microsoft.EntityFrameworkCore;

namespace FedQueue.Cli.Simulation;

/// <summary>What a run needs whose last process ended at any moment: its workers and its queue ended with it.</summary>
internal static class Recovery
{
    /// <summary>To be called before the host starts.</summary>
    public static Task LetGo(FedQueueDbContext db, CancellationToken cancellationToken) => db.Transact(async () =>
    {
        // A lease keeps a participant for a worker that may come back. These were threads of a process that is gone.
        await db.Participants.ExecuteUpdateAsync(
            participant => participant.SetProperty(p => p.WorkerId, (string?)null).SetProperty(p => p.Listening, false), cancellationToken);

        // A round that opened now would find nobody there; OpenNext comes when everybody is.
        await db.Outbox.Where(row => row.Type == nameof(StartRound)).ExecuteDeleteAsync(cancellationToken);
    }, cancellationToken);

    /// <summary>
    /// The command to open the next round, once all participants are there. A command that was published and not yet handled
    /// was lost with the queue in memory; a second one has no effect.
    /// </summary>
    /// <returns>Null while somebody is not there yet.</returns>
    public static async Task<StartRound?> OpenNext(
        FedQueueDbContext db, string runId, int round, IReadOnlyList<string> participants, CancellationToken cancellationToken)
    {
        var present = await db.Participants.AsNoTracking().Where(p => p.Listening).Select(p => p.Name).ToListAsync(cancellationToken);
        return participants.Except(present).Any()
            ? null
            : new StartRound { RunId = runId, Round = round, RoundId = RoundIdentity.Of(runId, round) };
    }
}
