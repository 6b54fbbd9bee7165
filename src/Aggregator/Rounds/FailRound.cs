using FedQueue.Aggregator.Runs;
using FedQueue.Aggregator.Storage;
using FedQueue.Contracts;
using MassTransit;
using Microsoft.EntityFrameworkCore;

namespace FedQueue.Aggregator.Rounds;

/// <summary>Ends the round and its run without a result, and says why.</summary>
internal sealed class FailRound(FedQueueDbContext db, RunEnd runEnd, SubmissionParts parts) : Step
{
    protected override async Task Run(BehaviorContext<RoundState> context)
    {
        var round = context.Saga;
        var reason = context.GetPayload<RoundFailure>().Reason;
        round.ClosedAt = db.Now;
        db.Publish(new RoundFailed { RoundId = round.CorrelationId, RunId = round.RunId, Round = round.Round, Reason = reason });

        db.Note(round.RunId, round.Round, EventKind.RoundFailed, null, reason);

        var run = await db.RunOf(round.RunId, context.CancellationToken);
        await parts.Sweep(round, run.Plan().Model(), context.CancellationToken);
        await runEnd.Fail(run, reason, context.CancellationToken);
    }
}
