using FedQueue.Aggregator.Storage;
using FedQueue.Contracts;
using MassTransit;

namespace FedQueue.Aggregator.Rounds;

/// <summary>Notes that a participant cannot contribute; goal, minimum and deadline decide what follows.</summary>
internal sealed class AcceptFailure(FedQueueDbContext db, ILogger<AcceptFailure> log) : Step<TrainingFailed>
{
    protected override Task Run(BehaviorContext<RoundState, TrainingFailed> context)
    {
        var (round, message) = (context.Saga, context.Message);
        if (round.Awaited.Contains(message.Participant))
        {
            round.Failed = [.. round.Failed, message.Participant];
            db.Note(round.RunId, round.Round, "training failed", message.Participant, message.Reason);
            log.TrainingFailed(round.RunId, round.Round, message.Participant, message.WorkerId, message.Reason);
        }

        return Task.CompletedTask;
    }
}
