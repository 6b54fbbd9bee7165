namespace FedQueue.Contracts;

/// <summary>The aggregator does not have the weights that a worker asked for.</summary>
public sealed record WeightsUnavailable
{
    /// <summary>Why, as a sentence.</summary>
    public required string Reason { get; init; }
}
