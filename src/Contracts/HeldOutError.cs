namespace FedQueue.Contracts;

/// <summary>Errors of a model on held-out windows, in the target's own unit (not in the scaled one).</summary>
public sealed record HeldOutError
{
    /// <summary>Windows evaluated, at least 1.</summary>
    public required int WindowCount { get; init; }

    /// <summary>Mean squared error, unit of the target squared.</summary>
    public required double MeanSquaredError { get; init; }

    /// <summary>Mean absolute error, unit of the target.</summary>
    public required double MeanAbsoluteError { get; init; }

    /// <summary>Root of the mean squared error, unit of the target.</summary>
    public double RootMeanSquaredError() => Math.Sqrt(MeanSquaredError);

    /// <summary>The error over all windows of several participants: each counts by its number of windows.</summary>
    /// <returns>Null when <paramref name="errors"/> is empty.</returns>
    public static HeldOutError? Weighted(IReadOnlyCollection<HeldOutError> errors)
    {
        if (errors.Count == 0)
            return null;

        var windows = errors.Sum(error => (double)error.WindowCount);
        return new HeldOutError
        {
            WindowCount = (int)windows,
            MeanSquaredError = errors.Sum(error => error.MeanSquaredError * error.WindowCount) / windows,
            MeanAbsoluteError = errors.Sum(error => error.MeanAbsoluteError * error.WindowCount) / windows,
        };
    }
}
