namespace FedQueue.Contracts;

/// <summary>The aggregator to itself: the deadline of this round has passed.</summary>
public sealed record CloseRound
{
    /// <summary>Round to close.</summary>
    public required Guid RoundId { get; init; }
}
