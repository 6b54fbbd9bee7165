using FedQueue.Aggregator.Storage;
using Microsoft.EntityFrameworkCore;

namespace FedQueue.Cli.Simulation;

/// <summary>What a run needs whose last process ended at any moment: its workers ended with it.</summary>
internal static class Recovery
{
    /// <summary>To be called before the host starts.</summary>
    public static Task LetGo(FedQueueDbContext db, CancellationToken cancellationToken) => db.Transact(async () =>

        // A lease keeps a participant for a worker that may come back. These were threads of a process that is gone.
        await db.Participants.ExecuteUpdateAsync(
            participant => participant.SetProperty(p => p.WorkerId, (string?)null).SetProperty(p => p.Listening, false), cancellationToken), cancellationToken);
}
