namespace FedQueue.Contracts;

/// <summary>The run ended without a final model.</summary>
public sealed record RunFailed
{
    /// <summary>Run that ended.</summary>
    public required string RunId { get; init; }

    /// <summary>Why, as a sentence for people.</summary>
    public required string Reason { get; init; }
}
