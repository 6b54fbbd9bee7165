namespace FedQueue.Contracts;

/// <summary>The aggregator to itself: open this round.</summary>
public sealed record StartRound
{
    /// <summary>Saga correlation id, from <see cref="RoundIdentity.Of"/>.</summary>
    public required Guid RoundId { get; init; }

    /// <summary>Run that the round belongs to.</summary>
    public required string RunId { get; init; }

    /// <summary>Round number from 1; the number after the last round evaluates the final model without training it.</summary>
    public required int Round { get; init; }
}
