using FedQueue.Aggregator.Storage;
using FedQueue.Contracts;
using Microsoft.EntityFrameworkCore;

namespace FedQueue.Aggregator.Rounds;

internal static class RoundMessage
{
    /// <summary>
    /// What participants are told of an open round, whenever they are told. Without its weights, which are a row already: the
    /// outbox adds them when it sends the message.
    /// </summary>
    public static async Task<RoundStarted> For(
        FedQueueDbContext db, RoundState round, RunPlan plan, CancellationToken cancellationToken)
    {
        var sha256 = await db.Models.Where(model => model.RunId == round.RunId && model.Round == round.Round - 1)
            .Select(model => model.WeightsSha256).SingleAsync(cancellationToken);

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
            Weights = [],
            WeightsSha256 = sha256,
            PartLength = round.PartLength,
            CompareLocal = round.EvaluateOnly && plan.CompareLocal,
        };
    }
}
