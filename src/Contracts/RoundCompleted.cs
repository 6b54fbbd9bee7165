namespace FedQueue.Contracts;

/// <summary>A round ended with new global weights, or, for the evaluating round, with the final errors.</summary>
public sealed record RoundCompleted
{
    /// <summary>Round that ended.</summary>
    public required Guid RoundId { get; init; }

    /// <summary>Run that the round belongs to.</summary>
    public required string RunId { get; init; }

    /// <summary>Round number from 1.</summary>
    public required int Round { get; init; }

    /// <summary>True for the round that evaluated the final model.</summary>
    public required bool EvaluateOnly { get; init; }

    /// <summary>Participants whose submission was used, in ordinal order.</summary>
    public required IReadOnlyList<string> Contributors { get; init; }

    /// <summary>Participants of the round whose submission was not there when it closed, in ordinal order.</summary>
    public required IReadOnlyList<string> Missing { get; init; }

    /// <summary>SHA-256 of the newest global weights, lower-case hex.</summary>
    public required string WeightsSha256 { get; init; }

    /// <summary>Errors of the weights that the round started from, over all contributors.</summary>
    public HeldOutError? StartError { get; init; }
}
