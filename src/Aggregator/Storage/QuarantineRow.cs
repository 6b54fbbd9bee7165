namespace FedQueue.Aggregator.Storage;

/// <summary>An answer that failed validation, kept for people to look at; nothing else reads it.</summary>
internal sealed record QuarantineRow
{
    /// <summary>SHA-256 of all that the answer says, lower-case hex: a second copy is the same entry.</summary>
    public required string Id { get; init; }

    public required string RunId { get; init; }
    public required int Round { get; init; }
    public required string Participant { get; init; }
    public required string WorkerId { get; init; }
    public required DateTimeOffset ReceivedAt { get; init; }

    /// <summary>Why it cannot be used, as a sentence.</summary>
    public required string Reason { get; init; }

    public required int SampleCount { get; init; }
    public required int WeightBytes { get; init; }
    public string? WeightsSha256 { get; init; }

    /// <summary>Null for an evaluation, and where <see cref="Rounds.Quarantine"/> has no room left.</summary>
    public byte[]? Weights { get; init; }
}
