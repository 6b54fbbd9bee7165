using FedQueue.Contracts;

namespace FedQueue.Aggregator.Storage;

/// <summary>Global weights after a round; round 0 holds the initial ones.</summary>
internal sealed class ModelRow
{
    public required string RunId { get; init; }
    public required int Round { get; init; }
    public required byte[] Weights { get; init; }
    public required string WeightsSha256 { get; init; }

    public static ModelRow For(string runId, int round, ReadOnlySpan<float> weights) => For(runId, round, WeightBytes.From(weights));

    public static ModelRow For(string runId, int round, byte[] weights) =>
        new() { RunId = runId, Round = round, Weights = weights, WeightsSha256 = WeightBytes.Sha256(weights) };
}
