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

    /// <summary>Plans of runs that wait or are under way, at which the participant's worker has not looked; at most <see cref="MostPlans"/>. Null: none.</summary>
    public IReadOnlyList<PlanOffered>? Plans { get; init; }

    /// <summary>How the round that the renewal named stands. Default <see cref="RoundStanding.Open"/>.</summary>
    public RoundStanding NewestRound { get; init; }

    /// <summary>Most plans in one answer.</summary>
    public const int MostPlans = 10;
}
