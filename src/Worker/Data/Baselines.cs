using FedQueue.Contracts;

namespace FedQueue.Worker.Data;

/// <summary>Held-out errors of the forecasts that a trained model has to beat, in the target's unit.</summary>
internal sealed record Baselines
{
    /// <summary>The target at the window's last row, repeated; null with horizon 0, where that is the label itself.</summary>
    public required HeldOutError? RepeatLast { get; init; }

    /// <summary>The mean of the training labels.</summary>
    public required HeldOutError Mean { get; init; }

    /// <summary>Least squares on all inputs of a window; null above <see cref="LinearModel.MaxInputs"/> inputs.</summary>
    public required HeldOutError? Linear { get; init; }

    /// <summary>Fits the three on the training windows and evaluates them on the held-out ones.</summary>
    public static Baselines Of(ParticipantWindows windows)
    {
        return new Baselines
        {
            RepeatLast = RepeatLastOf(windows),
            Mean = MeanOf(windows),
            Linear = windows.Window * windows.Features > LinearModel.MaxInputs
                ? null
                : windows.ErrorOf(LinearModel.Fit(windows.TrainingInputs, windows.TrainingLabels).Predict(windows.HeldOutInputs)),
        };
    }

    /// <summary><see cref="RepeatLast"/> alone.</summary>
    public static HeldOutError? RepeatLastOf(ParticipantWindows windows) => windows.HeldOutLast is null ? null : windows.ErrorOf(windows.HeldOutLast);

    /// <summary><see cref="Mean"/> alone.</summary>
    public static HeldOutError MeanOf(ParticipantWindows windows)
    {
        var mean = new float[windows.HeldOutCount];
        Array.Fill(mean, windows.TrainingLabels.Average());
        return windows.ErrorOf(mean);
    }
}
