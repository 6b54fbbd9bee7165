using FedQueue.Contracts;
using FedQueue.Worker.Data;

namespace FedQueue.Worker.Training;

/// <summary>What a trainer does once in a process: it loads libtorch, or has its kernels compiled for this processor.</summary>
internal static class WarmUp
{
    /// <summary>Trains a tiny model, which takes from a tenth to most of a second; meanwhile the caller may do other things.</summary>
    public static void Of(ITrainer trainer)
    {
        // Units, and windows in batches of 32, 14 and 12, that need every kernel of MatrixProduct.
        var (model, columns) = (new ModelPlan { Inputs = 1, Units = 32 }, new ColumnPlan { Features = ["x"], Window = 2 });
        double[] values = [.. Enumerable.Range(0, 60).Select(i => (double)(i % 2))];
        var windows = ParticipantWindows.From(new ParticipantTable("warm-up", columns, values, values, [0], []));
        var weights = new float[model.ParameterCount()];

        trainer.Train(new TrainingJob(model, new TrainingPlan { Epochs = 1 }, weights, windows, new SeededRandom(0)), (_, _) => { }, CancellationToken.None);
        trainer.Predict(model, weights, windows.HeldOutInputs, windows.Window);
    }
}
