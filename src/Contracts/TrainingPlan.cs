namespace FedQueue.Contracts;

/// <summary>How a participant trains in one round: Adam on the mean squared error, optimiser fresh each round.</summary>
public sealed record TrainingPlan
{
    /// <summary>Adam's decay of the first moment.</summary>
    public const double Beta1 = 0.9;

    /// <summary>Adam's decay of the second moment.</summary>
    public const double Beta2 = 0.999;

    /// <summary>Adam's epsilon: Keras' default, which the tutorial uses, not PyTorch's 1e-8.</summary>
    public const double Epsilon = 1e-7;

    /// <summary>Local passes over the training windows, 1 to 100,000. Default 100.</summary>
    public int Epochs { get; init; } = 100;

    /// <summary>Windows per optimiser step, 1 to 65,536; the last step of an epoch takes what is left. Default 32.</summary>
    public int BatchSize { get; init; } = 32;

    /// <summary>Adam's step size, above 0 and at most 1. Default 0.001.</summary>
    public double LearningRate { get; init; } = 0.001;

    /// <summary>
    /// What trains, one of <see cref="Contracts.Engine"/>. New runs are given <c>auto</c>; a plan that names none was stored when there
    /// was only <c>torch</c>, and ends with the bits it began with.
    /// </summary>
    public string Engine { get; init; } = Contracts.Engine.Torch;
}
