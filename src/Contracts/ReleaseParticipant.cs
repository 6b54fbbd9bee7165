namespace FedQueue.Contracts;

/// <summary>A worker that stops in order gives its participant back, so that a spare need not wait for the lease to lapse.</summary>
public sealed record ReleaseParticipant
{
    /// <summary>The holder.</summary>
    public required string WorkerId { get; init; }

    /// <summary>What it held.</summary>
    public required string Participant { get; init; }
}
