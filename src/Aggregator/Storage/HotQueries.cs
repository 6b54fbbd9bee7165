using FedQueue.Aggregator.Participants;
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

    /// <summary>In the order in which they may start.</summary>
    public Func<FedQueueDbContext, IAsyncEnumerable<RunRow>> WaitingRuns { get; } =
        EF.CompileAsyncQuery((FedQueueDbContext db) => db.Runs.Where(run => run.Status == RunStatus.Waiting).OrderBy(run => run.CreatedAt).ThenBy(run => run.Id).AsQueryable());

    /// <summary>Those that wait or are under way, oldest first; to be read only.</summary>
    public Func<FedQueueDbContext, IAsyncEnumerable<RunRow>> OpenRuns { get; } =
        EF.CompileAsyncQuery((FedQueueDbContext db) => db.Runs.AsNoTracking()
            .Where(run => run.Status == RunStatus.Waiting || run.Status == RunStatus.Running).OrderBy(run => run.CreatedAt).ThenBy(run => run.Id).AsQueryable());

    /// <summary>To be read only.</summary>
    public Func<FedQueueDbContext, IAsyncEnumerable<RunRow>> RunsUnderWay { get; } =
        EF.CompileAsyncQuery((FedQueueDbContext db) => db.Runs.AsNoTracking().Where(run => run.Status == RunStatus.Running));

    public Func<FedQueueDbContext, DateTimeOffset, CancellationToken, Task<bool>> AnyRunIsOverdue { get; } =
        EF.CompileAsyncQuery((FedQueueDbContext db, DateTimeOffset now, CancellationToken _) =>
            db.Runs.Any(run => run.Status == RunStatus.Waiting && run.StartsBy <= now));

    public Func<FedQueueDbContext, Guid, CancellationToken, Task<RoundState?>> Round { get; } =
        EF.CompileAsyncQuery((FedQueueDbContext db, Guid id, CancellationToken _) => db.Rounds.SingleOrDefault(round => round.CorrelationId == id));

    /// <summary>But for the one of the id that is given; to be read only.</summary>
    public Func<FedQueueDbContext, Guid?, IAsyncEnumerable<RoundState>> OpenRounds { get; } =
        EF.CompileAsyncQuery((FedQueueDbContext db, Guid? but) => db.Rounds.AsNoTracking().Where(
            round => round.CurrentState == nameof(RoundStateMachine.Collecting) && round.CorrelationId != but));

    /// <summary>Those that should have closed by then.</summary>
    public Func<FedQueueDbContext, DateTimeOffset, IAsyncEnumerable<Guid>> OverdueRounds { get; } =
        EF.CompileAsyncQuery((FedQueueDbContext db, DateTimeOffset now) => db.Rounds.Where(
            round => round.CurrentState == nameof(RoundStateMachine.Collecting) && round.ClosesAt <= now).Select(round => round.CorrelationId));

    /// <summary>Of a run; to be read only.</summary>
    public Func<FedQueueDbContext, string, CancellationToken, Task<RoundState?>> NewestRound { get; } =
        EF.CompileAsyncQuery((FedQueueDbContext db, string runId, CancellationToken _) =>
            db.Rounds.AsNoTracking().Where(round => round.RunId == runId).OrderByDescending(round => round.Round).FirstOrDefault());

    public Func<FedQueueDbContext, string, CancellationToken, Task<ParticipantRow?>> Participant { get; } =
        EF.CompileAsyncQuery((FedQueueDbContext db, string name, CancellationToken _) => db.Participants.SingleOrDefault(participant => participant.Name == name));

    /// <summary>The same, to be read only.</summary>
    public Func<FedQueueDbContext, string, CancellationToken, Task<ParticipantRow?>> Holder { get; } =
        EF.CompileAsyncQuery((FedQueueDbContext db, string name, CancellationToken _) =>
            db.Participants.AsNoTracking().SingleOrDefault(participant => participant.Name == name));

    /// <summary>Those of the names that are known; to be read only.</summary>
    public Func<FedQueueDbContext, IReadOnlyList<string>, IAsyncEnumerable<ParticipantRow>> Candidates { get; } =
        EF.CompileAsyncQuery((FedQueueDbContext db, IReadOnlyList<string> names) =>
            db.Participants.AsNoTracking().Where(participant => names.Contains(participant.Name)));

    /// <summary>To be read only.</summary>
    public Func<FedQueueDbContext, IAsyncEnumerable<ParticipantRow>> Participants { get; } =
        EF.CompileAsyncQuery((FedQueueDbContext db) => db.Participants.AsNoTracking());

    /// <summary>Number of participants whose worker has said that it listens; of some the lease may have lapsed.</summary>
    public Func<FedQueueDbContext, CancellationToken, Task<int>> Listening { get; } =
        EF.CompileAsyncQuery((FedQueueDbContext db, CancellationToken _) => db.Participants.Count(participant => participant.Listening));

    /// <summary>The round that a participant answered last.</summary>
    public Func<FedQueueDbContext, string, CancellationToken, Task<Guid?>> AnsweredRound { get; } =
        EF.CompileAsyncQuery((FedQueueDbContext db, string name, CancellationToken _) =>
            db.Submissions.Where(s => s.Participant == name).OrderByDescending(s => s.ReceivedAt).Select(s => (Guid?)s.RoundId).FirstOrDefault());

    /// <summary>Of a run and a round, with weights; to be read only.</summary>
    public Func<FedQueueDbContext, string, int, IAsyncEnumerable<SubmissionRow>> Submissions { get; } =
        EF.CompileAsyncQuery((FedQueueDbContext db, string runId, int round) => db.Submissions.AsNoTracking().Where(s => s.RunId == runId && s.Round == round));

    /// <summary>Mean squared error of a run's initial model over all participants, weighted by windows; null when nobody's counts.</summary>
    public Func<FedQueueDbContext, string, CancellationToken, Task<double?>> InitialMse { get; } =
        EF.CompileAsyncQuery((FedQueueDbContext db, string runId, CancellationToken _) => db.Submissions.Where(s => s.RunId == runId && s.Round == 1 && s.HeldOutWindows > 0)
            .GroupBy(s => s.Round).Select(round => (double?)(round.Sum(s => s.GlobalMse * s.HeldOutWindows) / round.Sum(s => s.HeldOutWindows))).SingleOrDefault());

    /// <summary>Numbers of the parts that are kept of a participant's weights with a SHA-256.</summary>
    public Func<FedQueueDbContext, string, int, string, string, IAsyncEnumerable<int>> Parts { get; } =
        EF.CompileAsyncQuery((FedQueueDbContext db, string runId, int round, string participant, string sha256) => db.SubmissionParts.Where(
            part => part.RunId == runId && part.Round == round && part.Participant == participant && part.WeightsSha256 == sha256).Select(part => part.Part));

    /// <summary>The global weights of a run and a round.</summary>
    public Func<FedQueueDbContext, string, int, CancellationToken, Task<ModelRow>> Model { get; } =
        EF.CompileAsyncQuery((FedQueueDbContext db, string runId, int round, CancellationToken _) =>
            db.Models.Single(model => model.RunId == runId && model.Round == round));

    /// <summary>SHA-256 of the global weights of a run and a round.</summary>
    public Func<FedQueueDbContext, string, int, CancellationToken, Task<string>> WeightsSha256 { get; } =
        EF.CompileAsyncQuery((FedQueueDbContext db, string runId, int round, CancellationToken _) =>
            db.Models.Where(model => model.RunId == runId && model.Round == round).Select(model => model.WeightsSha256).Single());

    /// <summary>The oldest rows, at most so many.</summary>
    public Func<FedQueueDbContext, int, IAsyncEnumerable<OutboxRow>> Outbox { get; } =
        EF.CompileAsyncQuery((FedQueueDbContext db, int most) => db.Outbox.AsNoTracking().OrderBy(row => row.Id).Take(most));
}
