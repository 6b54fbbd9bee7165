namespace FedQueue.Contracts;

/// <summary>All rounds are trained and the final model is evaluated.</summary>
public sealed record RunCompleted
{
    /// <summary>Run that ended.</summary>
    public required string RunId { get; init; }

    /// <summary>SHA-256 of the final global weights, lower-case hex.</summary>
    public required string WeightsSha256 { get; init; }

    /// <summary>Errors of the final global weights over all participants that evaluated them; null when none did in time.</summary>
    public HeldOutError? FinalError { get; init; }
}
