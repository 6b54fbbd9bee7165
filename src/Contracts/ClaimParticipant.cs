namespace FedQueue.Contracts;

/// <summary>
/// A worker asks for a participant. Answered with <see cref="ParticipantClaimed"/> or <see cref="ParticipantUnavailable"/>.
/// </summary>
public sealed record ClaimParticipant
{
    /// <summary>Names the asking worker; a new one at every start of a process, so that a restarted worker is told the open round.</summary>
    public required string WorkerId { get; init; }

    /// <summary>Participants whose data the worker can read; it gets the first free one in ordinal order.</summary>
    public required IReadOnlyList<string> Candidates { get; init; }

    /// <summary>Version of the messages that the worker sends and reads; before it was sent it was 1.</summary>
    public int ProtocolVersion { get; init; } = 1;
}
