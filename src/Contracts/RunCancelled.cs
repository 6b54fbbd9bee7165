namespace FedQueue.Contracts;

/// <summary>A person ended the run; whoever trains for it may stop.</summary>
public sealed record RunCancelled
{
    /// <summary>Run that ended.</summary>
    public required string RunId { get; init; }

    /// <summary>Why, as a sentence for people.</summary>
    public required string Reason { get; init; }
}
