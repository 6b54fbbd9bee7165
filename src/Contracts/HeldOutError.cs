namespace FedQueue.Contracts;

/// <summary>Errors of a model on held-out windows, in the target's own unit (not in the scaled one).</summary>
public sealed record HeldOutError
{
    /// <summary>
    /// Windows evaluated, by which an error counts beside others; 0 of a participant whose target never changes in its training rows: its errors, mostly 0, say
    /// nothing about a model.
    /// </summary>
    public required int WindowCount { get; init; }

    /// <summary>Mean squared error, unit of the target squared.</summary>
    public required double MeanSquaredError { get; init; }

    /// <summary>Mean absolute error, unit of the target.</summary>
    public required double MeanAbsoluteError { get; init; }

    /// <summary>Root of the mean squared error, unit of the target.</summary>
    public double RootMeanSquaredError() => Math.Sqrt(MeanSquaredError);

    /// <summary>The error over all windows of several participants: each counts by its number of windows.</summary>
    /// <returns>Null when none counts.</returns>
    public static HeldOutError? Weighted(IReadOnlyCollection<HeldOutError> errors)
    {
        var windows = errors.Sum(error => (double)error.WindowCount);
        if (windows == 0)
            return null;

        return new HeldOutError
        {
            WindowCount = (int)windows,
            MeanSquaredError = errors.Sum(error => error.MeanSquaredError * error.WindowCount) / windows,
            MeanAbsoluteError = errors.Sum(error => error.MeanAbsoluteError * error.WindowCount) / windows,
        };
    }
}
