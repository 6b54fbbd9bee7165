using FedQueue.Aggregator.Models;
using FedQueue.Aggregator.Rounds;
using FedQueue.Aggregator.Storage;
using FedQueue.Contracts;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace FedQueue.Aggregator.Runs;

/// <summary>Ends a run, within the transaction of the message that ended it, and lets the next one begin.</summary>
internal sealed class RunEnd(FedQueueDbContext db, RunStart runStart, SubmissionParts parts, IOptions<StorageOptions> storage, ILogger<RunEnd> log)
{
    private const int NoSpace = 28;

    public async Task Complete(RunRow run, ModelRow model, HeldOutError? error, CancellationToken cancellationToken)
    {
        // Before the commit, so that whoever hears of the end finds the file; writing it again gives the same files.
        var (path, trained) = (storage.Value.ModelPath(run.Id), await TrainedModel.Load(db, run, model, error, cancellationToken));
        try
        {
            ModelFiles.Write(path, trained);
        }
        catch (Exception exception) when (exception is UnauthorizedAccessException || (exception is IOException && exception.HResult != NoSpace))
        {
            // Waiting would not mend it, and the model is not lost. A full disk is waited for, as the database needs it too.
            log.ModelNotWritten(run.Id, path, exception.Message.TrimEnd('.'));
        }

        run.Status = RunStatus.Completed;
        run.EndedAt = db.Now;
        db.Publish(new RunCompleted { RunId = run.Id, WeightsSha256 = model.WeightsSha256, FinalError = error });
        db.Note(run.Id, null, EventKind.RunCompleted, null, $"SHA-256 {model.WeightsSha256}.");
        await StartNext(cancellationToken);
    }

    public async Task Fail(RunRow run, string reason, CancellationToken cancellationToken)
    {
        run.Status = RunStatus.Failed;
        run.EndedAt = db.Now;
        run.Reason = reason;
        db.Publish(new RunFailed { RunId = run.Id, Reason = reason });
        db.Note(run.Id, null, EventKind.RunFailed, null, reason);
        await StartNext(cancellationToken);
    }

    /// <summary>Ends a run that has not ended, and its open round with it. Answers that are still on their way are late then.</summary>
    public async Task Cancel(RunRow run, string reason, CancellationToken cancellationToken)
    {
        foreach (var round in await db.Rounds.Where(r => r.RunId == run.Id && r.ClosedAt == null).ToListAsync(cancellationToken))
        {
            round.CurrentState = nameof(RoundStateMachine.Failed);
            round.ClosedAt = db.Now;
            db.Publish(new RoundFailed { RoundId = round.CorrelationId, RunId = run.Id, Round = round.Round, Reason = reason });
            db.Note(run.Id, round.Round, EventKind.RoundFailed, null, reason);
            await parts.Sweep(round, run.Plan().Model(), cancellationToken);
        }

        // Nobody trains for a run that has not started, and a worker's queue has room for one message only.
        if (run.Status is RunStatus.Running)
            db.Publish(new RunCancelled { RunId = run.Id, Reason = reason });
        run.Status = RunStatus.Cancelled;
        run.EndedAt = db.Now;
        run.Reason = reason;
        db.Note(run.Id, null, EventKind.RunCancelled, null, reason);
        log.RunCancelled(run.Id, reason);
        await StartNext(cancellationToken);
    }

    /// <summary>Fails the runs whose participants did not come in time; while another run is under way, they wait for its end.</summary>
    public async Task FailUnstarted(CancellationToken cancellationToken)
    {
        if (await db.Queries.AnyRunIsUnderWay(db, cancellationToken))
            return;

        var participants = await db.Queries.Participants(db).ToListAsync(cancellationToken);
        foreach (var run in await db.Runs.Where(r => r.Status == RunStatus.Waiting && r.StartsBy <= db.Now).ToListAsync(cancellationToken))
        {
            var plan = run.Plan();
            var present = PlanOffers.Ready(run, participants, db).Count;
            await Fail(
                run,
                $"Only {present} of {plan.ParticipantsToStart()} participants were there within {plan.StartWithin}{Wait.CannotTakePart(run, participants)}; {(db.IsOneProcess ? "" : "start more workers, or set a lower goal, and ")}start a new run.",
                cancellationToken);
        }
    }

    private async Task StartNext(CancellationToken cancellationToken)
    {
        // What waited for the end of this run has its whole time for participants from now on.
        await foreach (var waiting in db.Queries.WaitingRuns(db).WithCancellation(cancellationToken))
            waiting.StartsBy = Later(waiting.StartsBy, db.Now + waiting.Plan().StartWithin);
        await runStart.TryStartNext(cancellationToken);
    }

    private static DateTimeOffset Later(DateTimeOffset a, DateTimeOffset b) => a > b ? a : b;
}
