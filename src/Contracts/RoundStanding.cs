namespace FedQueue.Contracts;

/// <summary>How the aggregator sees a round that a worker was told.</summary>
public enum RoundStanding
{
    /// <summary>It waits for the participant's answer, or the worker was told none.</summary>
    Open,

    /// <summary>It is closed or answered: what is still trained or sent for it is of no use.</summary>
    Closed,

    /// <summary>There is no such round: somebody else told of it, or the aggregator goes on from a backup.</summary>
    Unknown,
}
