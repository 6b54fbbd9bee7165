namespace FedQueue.Aggregator.Storage;

/// <summary>One start of an aggregator. The newest sign of life tells how long nobody was there.</summary>
internal sealed class AggregatorRow
{
    public required string Id { get; init; }
    public required DateTimeOffset StartedAt { get; init; }
    public required DateTimeOffset LastAlive { get; set; }
}
