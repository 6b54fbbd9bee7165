namespace FedQueue.Contracts;

/// <summary>
/// What a model predicts on held-out windows, beside what happened, in the target's unit and in time order. It reveals data, so
/// it is sent only by workers that are told to.
/// </summary>
public sealed record Forecast
{
    /// <summary>Most windows that are sent: the newest ones.</summary>
    public const int MostWindows = 500;

    /// <summary>Labels [N], little-endian float32, N from 1 to <see cref="MostWindows"/>.</summary>
    public required byte[] Actual { get; init; }

    /// <summary>Predictions [N], little-endian float32.</summary>
    public required byte[] Predicted { get; init; }

    /// <summary>What is wrong with it, as a sentence; null when nothing is.</summary>
    public string? Problem() =>
        Actual.Length == Predicted.Length && Actual.Length % sizeof(float) == 0 && Actual.Length / sizeof(float) is >= 1 and <= MostWindows
            ? null
            : $"Its forecast has {Actual.Length} bytes of labels and {Predicted.Length} of predictions; both must be the same 1 to {MostWindows} float32 values.";
}
