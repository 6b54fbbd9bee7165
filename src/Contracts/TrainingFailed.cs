namespace FedQueue.Contracts;

/// <summary>A participant cannot contribute to the round; the round goes on by goal, minimum and deadline.</summary>
public sealed record TrainingFailed
{
    /// <summary>Round that it cannot contribute to.</summary>
    public required Guid RoundId { get; init; }

    /// <summary>Run that the round belongs to.</summary>
    public required string RunId { get; init; }

    /// <summary>Round number from 1.</summary>
    public required int Round { get; init; }

    /// <summary>Owner of the data.</summary>
    public required string Participant { get; init; }

    /// <summary>Process that tried.</summary>
    public required string WorkerId { get; init; }

    /// <summary>Why, as a sentence for people.</summary>
    public required string Reason { get; init; }

    /// <summary>It is because of the data, so later rounds of the run would fail as well and need not ask. Default false.</summary>
    public bool IsOfData { get; init; }
}
