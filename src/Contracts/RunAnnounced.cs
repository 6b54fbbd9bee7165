namespace FedQueue.Contracts;

/// <summary>A run waits for participants: who holds one looks at its plan with the next renewal of its claim, at once. Losing this one is fine.</summary>
public sealed record RunAnnounced
{
    /// <summary>Run that waits.</summary>
    public required string RunId { get; init; }
}
