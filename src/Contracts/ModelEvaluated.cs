namespace FedQueue.Contracts;

/// <summary>One participant's errors of the final global weights; the answer to a round that only evaluates.</summary>
public sealed record ModelEvaluated
{
    /// <summary>With <see cref="Participant"/> the identity: the second copy has no effect.</summary>
    public required Guid RoundId { get; init; }

    /// <summary>Run that the round belongs to.</summary>
    public required string RunId { get; init; }

    /// <summary>Number of the evaluating round: one more than the rounds trained.</summary>
    public required int Round { get; init; }

    /// <summary>Owner of the data.</summary>
    public required string Participant { get; init; }

    /// <summary>Process that evaluated.</summary>
    public required string WorkerId { get; init; }

    /// <summary>Errors on this participant's held-out windows.</summary>
    public required HeldOutError GlobalError { get; init; }

    /// <summary>Errors of the target at each window's last row, repeated, on the same windows. Null with horizon 0, where that is the label, and from older workers.</summary>
    public HeldOutError? RepeatLastError { get; init; }

    /// <summary>Errors of the mean of this participant's training labels, on the same windows. Null from older workers.</summary>
    public HeldOutError? MeanError { get; init; }

    /// <summary>What the round's global weights predict on the newest held-out windows. Null: the worker does not share it.</summary>
    public Forecast? Forecast { get; init; }
}
