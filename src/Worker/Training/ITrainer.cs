using FedQueue.Contracts;
using FedQueue.Worker.Data;

namespace FedQueue.Worker.Training;

/// <summary>
/// Trains and applies the model. Calls for different participants may run at the same time, each on its own thread. Equal
/// arguments give equal bits on one kind of processor at least, whatever else the process does.
/// </summary>
internal interface ITrainer
{
    /// <summary>Trains from the start weights; the result is newly allocated.</summary>
    /// <param name="job">Start weights, windows and plan.</param>
    /// <param name="epochDone">Called after each epoch with its number from 1 and its mean loss on scaled labels.</param>
    /// <param name="cancellationToken">Looked at before every optimiser step.</param>
    /// <exception cref="TrainingException">The loss or a weight is no longer finite.</exception>
    TrainingResult Train(TrainingJob job, Action<int, double> epochDone, CancellationToken cancellationToken);

    /// <summary>The model's scaled outputs [N] for scaled inputs of shape [N, window, inputs].</summary>
    float[] Predict(ModelPlan model, ReadOnlySpan<float> weights, float[] inputs, int window);
}

/// <summary>One participant's training in one round.</summary>
/// <param name="Model">Shape of the model.</param>
/// <param name="Plan">Epochs, batch size, learning rate.</param>
/// <param name="Weights">Start weights, shape [P].</param>
/// <param name="Windows">The participant's windows; only the training part is used.</param>
/// <param name="Shuffling">Decides the order of the windows in each epoch.</param>
internal sealed record TrainingJob(ModelPlan Model, TrainingPlan Plan, float[] Weights, ParticipantWindows Windows, SeededRandom Shuffling);

/// <summary>What training gave.</summary>
/// <param name="Weights">Trained weights, shape [P].</param>
/// <param name="Loss">Mean loss of the last epoch on scaled labels.</param>
internal sealed record TrainingResult(float[] Weights, double Loss);

/// <summary>Training cannot give a usable result; the message is a sentence for people.</summary>
internal sealed class TrainingException(string message) : Exception(message);
