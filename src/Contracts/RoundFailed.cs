namespace FedQueue.Contracts;

/// <summary>A round ended without new weights, and with it the run.</summary>
public sealed record RoundFailed
{
    /// <summary>Round that failed.</summary>
    public required Guid RoundId { get; init; }

    /// <summary>Run that the round belongs to.</summary>
    public required string RunId { get; init; }

    /// <summary>Round number from 1.</summary>
    public required int Round { get; init; }

    /// <summary>Why, as a sentence for people.</summary>
    public required string Reason { get; init; }
}
