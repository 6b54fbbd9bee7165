namespace FedQueue.Contracts;

/// <summary>The worker holds the participant until the lease lapses; it must renew well before.</summary>
public sealed record ParticipantClaimed
{
    /// <summary>Participant held.</summary>
    public required string Participant { get; init; }

    /// <summary>Length of the lease, counted from this answer.</summary>
    public required TimeSpan Lease { get; init; }

    /// <summary>The newest round that is answered for the participant, if any: a copy of it that is still in the queue needs no second training.</summary>
    public Guid? AnsweredRoundId { get; init; }
}
