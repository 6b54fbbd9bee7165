namespace FedQueue.Contracts;

/// <summary>A round is open: evaluate the global weights, train from them unless the round only evaluates, and submit.</summary>
public sealed record RoundStarted
{
    /// <summary>From <see cref="RoundIdentity.Of"/>; a newer round of a run supersedes an older one.</summary>
    public required Guid RoundId { get; init; }

    /// <summary>Run that the round belongs to.</summary>
    public required string RunId { get; init; }

    /// <summary>Round number from 1.</summary>
    public required int Round { get; init; }

    /// <summary>Rounds that train. The round after them has <see cref="EvaluateOnly"/> set.</summary>
    public required int Rounds { get; init; }

    /// <summary>True: answer with <see cref="ModelEvaluated"/>. False: train and answer with <see cref="WeightsSubmitted"/>.</summary>
    public required bool EvaluateOnly { get; init; }

    /// <summary>Participants whose submission counts; others wait for the next round.</summary>
    public required IReadOnlyList<string> Participants { get; init; }

    /// <summary>Columns, windows and labels.</summary>
    public required ColumnPlan Columns { get; init; }

    /// <summary>Shape of the model and of <see cref="Weights"/>.</summary>
    public required ModelPlan Model { get; init; }

    /// <summary>Local training.</summary>
    public required TrainingPlan Training { get; init; }

    /// <summary>Seed of the run; with round and participant it decides the shuffling.</summary>
    public required ulong Seed { get; init; }

    /// <summary>When the aggregator closes the round, UTC.</summary>
    public required DateTimeOffset ClosesAt { get; init; }

    /// <summary>
    /// Global weights, little-endian float32 in the order of <see cref="ModelPlan.Tensors"/>. Empty when they are longer than
    /// <see cref="PartLength"/>: then they are asked for with <see cref="FetchWeights"/>, part by part.
    /// </summary>
    public required ReadOnlyMemory<byte> Weights { get; init; }

    /// <summary>SHA-256 of the global weights, lower-case hex; null before version 3.</summary>
    public string? WeightsSha256 { get; init; }

    /// <summary>
    /// Bytes of weights that go into one message of this round, in both directions, a multiple of 4. Default
    /// <see cref="WeightParts.DefaultLength"/>.
    /// </summary>
    public int PartLength { get; init; } = WeightParts.DefaultLength;

    /// <summary>With <see cref="EvaluateOnly"/>: train a model of the own rows alone afterwards and send <see cref="LocalModelEvaluated"/>. Default false.</summary>
    public bool CompareLocal { get; init; }
}
