using FedQueue.Aggregator.Storage;
using FedQueue.Contracts;
using MassTransit;

namespace FedQueue.Aggregator.Rounds;

/// <summary>Stores a participant's errors of the final model once, or says why not.</summary>
internal sealed class AcceptEvaluation(FedQueueDbContext db, ILogger<AcceptEvaluation> log) : Step<ModelEvaluated>
{
    protected override Task Run(BehaviorContext<RoundState, ModelEvaluated> context)
    {
        var (round, message) = (context.Saga, context.Message);
        if (round.Submitted.Contains(message.Participant))
        {
            db.Note(round.RunId, round.Round, "duplicate", message.Participant, "A second copy of the evaluation had no effect.");
        }
        else if (SubmissionCheck.ProblemOf(message, round) is { } problem)
        {
            db.Note(round.RunId, round.Round, "refused", message.Participant, problem);
            log.SubmissionRefused(round.RunId, round.Round, message.Participant, message.WorkerId, problem);
        }
        else
        {
            db.Submissions.Add(SubmissionRow.For(message, db.Now));
            round.Submitted = [.. round.Submitted, message.Participant];
        }

        return Task.CompletedTask;
    }
}
