using FedQueue.Aggregator.Storage;
using FedQueue.Contracts;

namespace FedQueue.Aggregator.Rounds;

internal static class RoundMessage
{
    /// <summary>
    /// What participants are told of an open round, whenever they are told. Without its weights, which are a row already: the
    /// outbox adds them when it sends the message.
    /// </summary>
    public static RoundStarted For(RoundState round, RunPlan plan, string weightsSha256) => new()
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
        Weights = default,
        WeightsSha256 = weightsSha256,
        PartLength = round.PartLength,
        CompareLocal = round.EvaluateOnly && plan.CompareLocal,
    };

    /// <returns>SHA-256 of the global weights that a round starts from.</returns>
    public static Task<string> WeightsSha256Of(FedQueueDbContext db, string runId, int round, CancellationToken cancellationToken) =>
        db.Queries.WeightsSha256(db, runId, round - 1, cancellationToken);
}
