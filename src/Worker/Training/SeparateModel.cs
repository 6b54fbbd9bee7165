using FedQueue.Contracts;
using FedQueue.Worker.Data;

namespace FedQueue.Worker.Training;

/// <summary>What a federation is compared with: a model that sees only some windows, from the run's initial weights.</summary>
internal static class SeparateModel
{
    /// <param name="trainer">Of the run's engine.</param>
    /// <param name="model">Of the run.</param>
    /// <param name="training">Of the run.</param>
    /// <param name="rounds">Of the run; it is trained for as many epochs as all of them have.</param>
    /// <param name="seed">Of the run.</param>
    /// <param name="windows">What it is trained on.</param>
    /// <param name="purpose">Names its shuffling.</param>
    /// <param name="onEpoch">Called after each epoch, with its number from 1 and its loss.</param>
    /// <param name="cancellationToken">Gives it up.</param>
    /// <returns>P weights in the order of <see cref="ModelPlan.Tensors"/>.</returns>
    /// <exception cref="TrainingException">The loss is no longer finite.</exception>
    public static float[] Train(
        ITrainer trainer, ModelPlan model, TrainingPlan training, int rounds, ulong seed, ParticipantWindows windows, string purpose,
        Action<int, double> onEpoch, CancellationToken cancellationToken)
    {
        var job = new TrainingJob(
            model, training with { Epochs = rounds * training.Epochs }, InitialWeights.Create(model, seed), windows, SeededRandom.For(seed, purpose));
        return trainer.Train(job, onEpoch, cancellationToken).Weights;
    }

    /// <summary>Names the shuffling of a participant's own model.</summary>
    public static string Local(string participant) => $"local/{participant}";
}
