using FedQueue.Aggregator.Storage;
using FedQueue.Contracts;
using MassTransit;

namespace FedQueue.Aggregator.Rounds;

/// <summary>Notes that a participant cannot contribute; goal, minimum and deadline decide what follows.</summary>
internal sealed class AcceptFailure(FedQueueDbContext db, ILogger<AcceptFailure> log) : Step<TrainingFailed>
{
    protected override async Task Run(BehaviorContext<RoundState, TrainingFailed> context)
    {
        var (round, message) = (context.Saga, context.Message);
        var holder = await db.Queries.Holder(db, message.Participant, context.CancellationToken);
        if (!round.Awaited.Contains(message.Participant))
        {
            db.Note(round.RunId, round.Round, EventKind.Duplicate, message.Participant, "A failure that was reported or settled before had no effect.");
        }
        else if (SubmissionCheck.ProblemOf(message, round, holder) is { } problem)
        {
            db.Note(round.RunId, round.Round, EventKind.Quarantined, message.Participant, problem);
        }
        else
        {
            round.Failed = [.. round.Failed, message.Participant];
            var reason = MessageCheck.Reason(message.Reason);
            db.Note(round.RunId, round.Round, EventKind.TrainingFailed, message.Participant, reason);
            if (message.IsOfData)
                await KeepOut(round, message.Participant, reason, context.CancellationToken);
            log.TrainingFailed(round.RunId, round.Round, message.Participant, WorkerName.Shown(message.WorkerId), reason);
        }
    }

    /// <summary>The later rounds of the run do not wait for who would fail in each.</summary>
    private async Task KeepOut(RoundState round, string name, string reason, CancellationToken cancellationToken)
    {
        var run = await db.RunOf(round.RunId, cancellationToken);
        if (await db.Queries.Participant(db, name, cancellationToken) is not { } participant)
            return;

        // The next round may be opened by the same transaction, and reads it.
        participant.Keep([new PlanChecked { RunId = run.Id, Key = run.Offer().Key(), Problem = reason }], new HashSet<string> { run.Id });
        await db.SaveChangesAsync(cancellationToken);
    }
}
