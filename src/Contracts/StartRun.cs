namespace FedQueue.Contracts;

/// <summary>
/// Asks the aggregator for a run; may be repeated. A run that is still waiting takes the newest plan, one that has started keeps its own.
/// </summary>
public sealed record StartRun
{
    /// <summary>1 to 64 letters, digits, '-', '_' or '.'.</summary>
    public required string RunId { get; init; }

    /// <summary>What to train and how.</summary>
    public required RunPlan Plan { get; init; }
}
