namespace FedQueue.Contracts;

/// <summary>
/// One participant's errors of a model of its own, trained on its rows alone for as many epochs as all rounds have. Sent after a run
/// whose plan has <see cref="RunPlan.CompareLocal"/>, by workers that were still there; the second copy has no effect.
/// </summary>
public sealed record LocalModelEvaluated
{
    /// <summary>Run that it is compared with.</summary>
    public required string RunId { get; init; }

    /// <summary>The evaluating round, which it follows.</summary>
    public required int Round { get; init; }

    /// <summary>Owner of the data.</summary>
    public required string Participant { get; init; }

    /// <summary>Process that trained.</summary>
    public required string WorkerId { get; init; }

    /// <summary>Errors on the windows of <see cref="ModelEvaluated.GlobalError"/>.</summary>
    public required HeldOutError Error { get; init; }

    /// <summary>Time that the training took.</summary>
    public required TimeSpan TrainingTime { get; init; }
}
