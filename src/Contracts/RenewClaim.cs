namespace FedQueue.Contracts;

/// <summary>
/// The heartbeat of a worker that holds a participant and listens on its queue; the first one makes the participant present.
/// Answered with <see cref="ParticipantClaimed"/>, or with <see cref="ParticipantUnavailable"/> when the lease was lost.
/// </summary>
public sealed record RenewClaim
{
    /// <summary>The holder.</summary>
    public required string WorkerId { get; init; }

    /// <summary>What it holds.</summary>
    public required string Participant { get; init; }

    /// <summary>Plans that it has looked at since the last answer. Null: none.</summary>
    public IReadOnlyList<PlanChecked>? Checked { get; init; }

    /// <summary>Newest round that it was told. When another is open and waits for the participant, it is told that one again.</summary>
    public Guid? NewestRoundId { get; init; }
}
