namespace FedQueue.Aggregator.Storage;

/// <summary>The lease on a participant.</summary>
internal sealed class ParticipantRow
{
    public required string Name { get; init; }

    /// <summary>Holder; null when it was given back.</summary>
    public string? WorkerId { get; set; }

    public DateTimeOffset LeaseUntil { get; set; }
    public DateTimeOffset LastHeard { get; set; }

    /// <summary>The holder's queue is there, so that a round opened now reaches it.</summary>
    public bool Listening { get; set; }

    public bool IsHeld(DateTimeOffset now) => WorkerId is not null && LeaseUntil > now;

    public bool IsPresent(DateTimeOffset now) => Listening && IsHeld(now);
}
