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
            log.TrainingFailed(round.RunId, round.Round, message.Participant, WorkerName.Shown(message.WorkerId), reason);
        }
    }
}
