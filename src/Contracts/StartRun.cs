namespace FedQueue.Contracts;

/// <summary>Asks the aggregator for a run. A run id that is known already has no effect, so the command may be repeated.</summary>
public sealed record StartRun
{
    /// <summary>1 to 64 letters, digits, '-', '_' or '.'.</summary>
    public required string RunId { get; init; }

    /// <summary>What to train and how.</summary>
    public required RunPlan Plan { get; init; }
}
