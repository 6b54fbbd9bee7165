using FedQueue.Aggregator.Storage;
using FedQueue.Contracts;
using Microsoft.EntityFrameworkCore;

namespace FedQueue.Aggregator.Rounds;

internal static class RoundMessage
{
    /// <summary>What participants are told of an open round, whenever they are told.</summary>
    public static async Task<RoundStarted> For(
        FedQueueDbContext db, RoundState round, RunPlan plan, CancellationToken cancellationToken)
    {
        var global = await db.Models.AsNoTracking().SingleAsync(
            model => model.RunId == round.RunId && model.Round == round.Round - 1, cancellationToken);

        return new RoundStarted
        {
            RoundId = round.CorrelationId,
            RunId = round.RunId,
            Round = round.Round,
            Rounds = plan.Rounds,
            EvaluateOnly = round.EvaluateOnly,
            Participants = round.Participants,
            Columns = plan.Columns,
            Model = plan.Model(),
            Training = plan.Training,
            Seed = plan.Seed,
            ClosesAt = round.ClosesAt,
            Weights = global.Weights,
        };
    }
}
