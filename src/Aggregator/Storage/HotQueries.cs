using FedQueue.Aggregator.Rounds;
using Microsoft.EntityFrameworkCore;

namespace FedQueue.Aggregator.Storage;

/// <summary>
/// The queries of nearly every message, translated once instead of being recognised by their expressions each time, which took a tenth of a message's time.
/// What EF compiles belongs to one model, so these belong to the services of one aggregator and are not static.
/// </summary>
internal sealed class HotQueries
{
    public Func<FedQueueDbContext, string, CancellationToken, Task<RunRow?>> Run { get; } =
        EF.CompileAsyncQuery((FedQueueDbContext db, string id, CancellationToken _) => db.Runs.SingleOrDefault(run => run.Id == id));

    public Func<FedQueueDbContext, CancellationToken, Task<bool>> AnyRunIsUnderWay { get; } =
        EF.CompileAsyncQuery((FedQueueDbContext db, CancellationToken _) => db.Runs.Any(run => run.Status == RunStatus.Running));

    public Func<FedQueueDbContext, Guid, CancellationToken, Task<RoundState?>> Round { get; } =
        EF.CompileAsyncQuery((FedQueueDbContext db, Guid id, CancellationToken _) => db.Rounds.SingleOrDefault(round => round.CorrelationId == id));

    /// <summary>But for the one of the id that is given.</summary>
    public Func<FedQueueDbContext, Guid?, IAsyncEnumerable<RoundState>> OpenRounds { get; } =
        EF.CompileAsyncQuery((FedQueueDbContext db, Guid? but) => db.Rounds.Where(
            round => round.CurrentState == nameof(RoundStateMachine.Collecting) && round.CorrelationId != but));

    public Func<FedQueueDbContext, string, CancellationToken, Task<ParticipantRow?>> Participant { get; } =
        EF.CompileAsyncQuery((FedQueueDbContext db, string name, CancellationToken _) => db.Participants.SingleOrDefault(participant => participant.Name == name));

    public Func<FedQueueDbContext, IAsyncEnumerable<ParticipantRow>> Participants { get; } =
        EF.CompileAsyncQuery((FedQueueDbContext db) => db.Participants);

    /// <summary>The oldest rows, at most so many.</summary>
    public Func<FedQueueDbContext, int, IAsyncEnumerable<OutboxRow>> Outbox { get; } =
        EF.CompileAsyncQuery((FedQueueDbContext db, int most) => db.Outbox.AsNoTracking().OrderBy(row => row.Id).Take(most));
}
