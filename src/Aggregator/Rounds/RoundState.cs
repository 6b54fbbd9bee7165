using FedQueue.Contracts;
using MassTransit;

namespace FedQueue.Aggregator.Rounds;

/// <summary>One round, as the saga stores it. The submissions themselves are rows of their own.</summary>
internal sealed class RoundState : SagaStateMachineInstance
{
    public Guid CorrelationId { get; set; }

    /// <summary>Name of the state in <see cref="RoundStateMachine"/>.</summary>
    public string CurrentState { get; set; } = "";

    public string RunId { get; set; } = "";
    public int Round { get; set; }

    /// <summary>The round after the last one: the final weights are evaluated and not trained.</summary>
    public bool EvaluateOnly { get; set; }

    public int Goal { get; set; }
    public int Minimum { get; set; }

    // The lists are replaced and never changed; see NamesComparer.

    /// <summary>Participants whose submission counts, in ordinal order.</summary>
    public List<string> Participants { get; set; } = [];

    /// <summary>Participants with a stored submission, in order of arrival.</summary>
    public List<string> Submitted { get; set; } = [];

    /// <summary>Participants that reported that they cannot contribute.</summary>
    public List<string> Failed { get; set; } = [];

    /// <summary>Bytes of weights in one message; a submission that has more comes in parts.</summary>
    public int PartLength { get; set; }

    public DateTimeOffset OpenedAt { get; set; }
    public DateTimeOffset ClosesAt { get; set; }
    public DateTimeOffset? ClosedAt { get; set; }

    /// <summary>Participants that may still submit, in ordinal order.</summary>
    public IEnumerable<string> Awaited => Participants.Except(Submitted).Except(Failed);

    /// <summary>Participants without a submission, in ordinal order.</summary>
    public IEnumerable<string> Missing => Participants.Except(Submitted);

    /// <summary>The round in words.</summary>
    public string Place => RoundIdentity.PlaceOf(Round, EvaluateOnly);

    /// <summary>What goal, minimum and deadline say now.</summary>
    public RoundDecision Decide(bool deadlinePassed)
    {
        if (Submitted.Count >= Goal)
            return RoundDecision.Close;
        if (!deadlinePassed && Submitted.Count + Failed.Count < Participants.Count)
            return RoundDecision.Wait;

        return Submitted.Count >= Minimum ? RoundDecision.Close : RoundDecision.Fail;
    }

    /// <summary>The reason of a failed round, as a sentence.</summary>
    public string WhyFailed(bool deadlinePassed)
    {
        var end = deadlinePassed ? $"at its deadline ({(ClosesAt - OpenedAt).TotalSeconds:0} s)" : "after every participant had answered";
        var failures = Failed.Count == 0 ? "" : $", of which {NameList.Of(Failed)} reported a failure";
        return $"Round {Round} had {Submitted.Count} of at least {Minimum} submissions {end}; missing: {NameList.Of(Missing)}{failures}.";
    }
}

internal enum RoundDecision
{
    Wait,
    Close,
    Fail,
}
