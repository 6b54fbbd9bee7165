using FedQueue.Aggregator.Storage;
using FedQueue.Contracts;
using MassTransit;

namespace FedQueue.Aggregator.Rounds;

/// <summary>Stores a submission once, or says why not. One that comes in parts counts when its last part is there.</summary>
internal sealed class AcceptWeights(FedQueueDbContext db, SubmissionParts parts, Quarantine quarantine, ILogger<AcceptWeights> log) : Step<WeightsSubmitted>
{
    protected override async Task Run(BehaviorContext<RoundState, WeightsSubmitted> context)
    {
        var (round, message) = (context.Saga, context.Message);
        if (round.Submitted.Contains(message.Participant))
        {
            db.Note(round.RunId, round.Round, EventKind.Duplicate, message.Participant,
                $"A second submission had no effect: SHA-256 {WeightBytes.Sha256(message.Weights.Span)}{OfPart(message)}, by {WorkerName.Shown(message.WorkerId)}.");
            return;
        }

        var run = await db.RunOf(round.RunId, context.CancellationToken);
        var holder = await db.Queries.Holder(db, message.Participant, context.CancellationToken);
        var problem = SubmissionCheck.ProblemOf(message, round, run.Plan().Model(), holder);
        if (problem is null && message.Parts > 1)
        {
            var missing = await parts.Keep(message, context.CancellationToken);
            if (missing is null)
            {
                db.Note(round.RunId, round.Round, EventKind.Duplicate, message.Participant, $"A second copy{OfPart(message)} had no effect, by {WorkerName.Shown(message.WorkerId)}.");
                return;
            }

            if (missing > 0)
                return;
            problem = await parts.ProblemOf(message, context.CancellationToken);
        }

        if (problem is not null)
        {
            await quarantine.Keep(QuarantineEntry.For(message, round, problem, db.Now), context.CancellationToken);
            return;
        }

        var submission = SubmissionRow.For(message, db.Now);
        db.Submissions.Add(submission);
        await ForecastRow.Keep(db, round.RunId, round.Round, message.Participant, message.Forecast, context.CancellationToken);
        round.Submitted = [.. round.Submitted, message.Participant];
        round.Failed = [.. round.Failed.Where(name => name != message.Participant)];
        db.Note(round.RunId, round.Round, EventKind.Submitted, message.Participant,
            $"{message.SampleCount} windows, SHA-256 {submission.WeightsSha256}, by {WorkerName.Shown(message.WorkerId)}.");
        log.WeightsAccepted(round.RunId, round.Round, message.Participant, round.Submitted.Count, round.Goal);
    }

    private static string OfPart(WeightsSubmitted message) => message.Parts > 1 ? $" of part {message.Part} of {message.Parts}" : "";
}
