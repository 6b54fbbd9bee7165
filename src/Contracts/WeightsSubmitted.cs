namespace FedQueue.Contracts;

/// <summary>One participant's result for one round; sent at least once, so it may arrive twice, and in parts when it is large.</summary>
public sealed record WeightsSubmitted
{
    /// <summary>With <see cref="Participant"/> the identity of a submission: the second copy has no effect.</summary>
    public required Guid RoundId { get; init; }

    /// <summary>Run that the round belongs to.</summary>
    public required string RunId { get; init; }

    /// <summary>Round number from 1.</summary>
    public required int Round { get; init; }

    /// <summary>Owner of the data.</summary>
    public required string Participant { get; init; }

    /// <summary>Process that trained, for people to find it.</summary>
    public required string WorkerId { get; init; }

    /// <summary>Windows trained on, at least 1; the weight in FedAvg.</summary>
    public required int SampleCount { get; init; }

    /// <summary>
    /// Trained weights, or a part of them, little-endian float32 in the order of <see cref="ModelPlan.Tensors"/>. Of a message that was
    /// received, they are valid until it is handled; who needs them for longer copies them.
    /// </summary>
    public required ReadOnlyMemory<byte> Weights { get; init; }

    /// <summary>Which part this is, from 1. Default 1. All else is the same in every part.</summary>
    public int Part { get; init; } = 1;

    /// <summary>Number of parts, each of <see cref="RoundStarted.PartLength"/> but the last. Default 1.</summary>
    public int Parts { get; init; } = 1;

    /// <summary>SHA-256 of all parts together, lower-case hex; needed when there are several.</summary>
    public string? WeightsSha256 { get; init; }

    /// <summary>Errors of the round's global weights, before training, on this participant's held-out windows.</summary>
    public required HeldOutError GlobalError { get; init; }

    /// <summary>Errors of the weights submitted, on the same windows.</summary>
    public required HeldOutError LocalError { get; init; }

    /// <summary>Mean squared error of the last local epoch on scaled labels.</summary>
    public required double TrainingLoss { get; init; }

    /// <summary>Time that the training took.</summary>
    public required TimeSpan TrainingTime { get; init; }

    /// <summary>What the round's global weights predict on the newest held-out windows. Null: the worker does not share it.</summary>
    public Forecast? Forecast { get; init; }
}
