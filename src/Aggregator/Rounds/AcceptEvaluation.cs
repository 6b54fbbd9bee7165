using FedQueue.Aggregator.Storage;
using FedQueue.Contracts;
using MassTransit;

namespace FedQueue.Aggregator.Rounds;

/// <summary>Stores a participant's errors of the final model once, or says why not.</summary>
internal sealed class AcceptEvaluation(FedQueueDbContext db, Quarantine quarantine) : Step<ModelEvaluated>
{
    protected override async Task Run(BehaviorContext<RoundState, ModelEvaluated> context)
    {
        var (round, message) = (context.Saga, context.Message);
        if (round.Submitted.Contains(message.Participant))
        {
            db.Note(round.RunId, round.Round, EventKind.Duplicate, message.Participant, "A second copy of the evaluation had no effect.");
            return;
        }

        var holder = await db.Queries.Holder(db, message.Participant, context.CancellationToken);
        if (SubmissionCheck.ProblemOf(message, round, holder) is { } problem)
        {
            await quarantine.Keep(QuarantineEntry.For(message, round, problem, db.Now), context.CancellationToken);
            return;
        }

        db.Submissions.Add(SubmissionRow.For(message, db.Now));
        if (message.RepeatLastError is not null || message.MeanError is not null)
        {
            var baseline = await BaselineRow.Of(db, round.RunId, message.Participant, context.CancellationToken);
            (baseline.HeldOutWindows, baseline.RepeatLast, baseline.Mean) = (message.GlobalError.WindowCount, message.RepeatLastError, message.MeanError);
        }

        await ForecastRow.Keep(db, round.RunId, round.Round, message.Participant, message.Forecast, context.CancellationToken);
        round.Submitted = [.. round.Submitted, message.Participant];
        round.Failed = [.. round.Failed.Where(name => name != message.Participant)];
        db.Note(round.RunId, round.Round, EventKind.Evaluated, message.Participant,
            $"MSE {message.GlobalError.MeanSquaredError} on {message.GlobalError.WindowCount} windows, by {WorkerName.Shown(message.WorkerId)}.");
    }
}
