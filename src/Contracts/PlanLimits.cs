namespace FedQueue.Contracts;

/// <summary>How large the parts of a plan may be; whoever asks for a run and whoever trains for one keep to the same.</summary>
public static class PlanLimits
{
    /// <summary>Most rounds that train.</summary>
    public const int MostRounds = 100_000;

    /// <summary>Most values of a model where nothing else is set: 200 MB.</summary>
    public const long MostParameters = 50_000_000;

    /// <returns>What is out of range, as a sentence; null when nothing is. Whether there is such an engine knows who has them.</returns>
    public static string? ProblemOf(TrainingPlan training) =>
        Range("epochs", training.Epochs, 1, 100_000)
        ?? Range("batch size", training.BatchSize, 1, 65_536)
        ?? (training.LearningRate is > 0 and <= 1 ? null : $"The learning rate is {training.LearningRate}; it must be above 0 and at most 1.");

    /// <param name="model">Shape of the model.</param>
    /// <param name="most">Values that it may have.</param>
    /// <param name="setting">Where that is set.</param>
    /// <inheritdoc cref="ProblemOf(TrainingPlan)"/>
    public static string? ProblemOf(ModelPlan model, long most, string setting) =>
        Range("units", model.Units, 1, 4_096)
        ?? Range("layers", model.Layers, 1, 16)
        ?? Range("features", model.Inputs, 1, ColumnPlan.MostFeatures)
        ?? (model.Size() <= most ? null
            : FormattableString.Invariant($"The model has {model.Size():N0} parameters; at most {most:N0} are allowed here ({setting}): choose fewer units, layers or features."));

    /// <inheritdoc cref="ProblemOf(TrainingPlan)"/>
    public static string? Range(string name, int? value, int least, int most) =>
        value < least || value > most ? $"The number of {name} is {value}; it must be from {least:N0} to {most:N0}." : null;
}
