namespace FedQueue.Contracts;

/// <summary>The worker holds nothing; it may ask again as a spare.</summary>
public sealed record ParticipantUnavailable
{
    /// <summary>Who holds what, as a sentence for people.</summary>
    public required string Reason { get; init; }
}
