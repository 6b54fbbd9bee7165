using FedQueue.Contracts;
using FedQueue.Worker.Data;
using TorchSharp;
using static TorchSharp.torch;

namespace FedQueue.Worker.Training;

/// <summary>Trains with libtorch on the CPU, one intra-op thread a participant.</summary>
internal sealed class TorchTrainer : ITrainer
{
    /// <summary>Windows predicted at once, so that memory stays bounded on large files.</summary>
    private const int PredictionBatch = 4096;

    /// <exception cref="TrainingException">libtorch cannot be loaded here; the message says what to do.</exception>
    public TorchTrainer()
    {
        if (TorchLibrary.Problem() is { } problem)
            throw new TrainingException(problem);
    }

    public TrainingResult Train(TrainingJob job, Action<int, double> epochDone, CancellationToken cancellationToken)
    {
        // libtorch keeps the number of intra-op threads for each calling thread.
        set_num_threads(1);
        using var everything = NewDisposeScope();
        using var model = LstmModel.From(job.Model, job.Weights);
        using var adam = new TorchAdam(
            model.parameters(), job.Plan.LearningRate, TrainingPlan.Beta1, TrainingPlan.Beta2, TrainingPlan.Epsilon);

        var windows = job.Windows;
        var inputs = tensor(windows.TrainingInputs, [windows.TrainingCount, windows.Window, windows.Features]);
        var labels = tensor(windows.TrainingLabels, [windows.TrainingCount, 1]);
        var order = Enumerable.Range(0, windows.TrainingCount).ToArray();
        var loss = 0.0;

        for (var epoch = 1; epoch <= job.Plan.Epochs; epoch++)
        {
            job.Shuffling.Shuffle(order);
            loss = Epoch(model, adam, inputs, labels, order, job.Plan.BatchSize, cancellationToken);
            if (!double.IsFinite(loss))
                throw new TrainingException(
                    $"The training loss became {loss} in epoch {epoch}; a smaller learning rate than {job.Plan.LearningRate} may help.");
            epochDone(epoch, loss);
        }

        var weights = model.Weights();
        return weights.All(float.IsFinite)
            ? new TrainingResult(weights, loss)
            : throw new TrainingException("A weight became infinite or NaN in training; a smaller learning rate may help.");
    }

    public float[] Predict(ModelPlan plan, ReadOnlySpan<float> weights, float[] inputs, int window)
    {
        set_num_threads(1);
        using var everything = NewDisposeScope();
        using var model = LstmModel.From(plan, weights);

        // With no_grad, libtorch 2.10 takes another function of oneDNN, whose outputs are wrong in the second decimal and worse for many
        // numbers of units (1 to 16, 33, 48, 100) on a processor with AVX-512 (AMD family 26). This is the one that training takes.
        var count = inputs.Length / (window * plan.Inputs);
        var all = tensor(inputs, [count, window, plan.Inputs]);
        var outputs = new float[count];
        for (var start = 0; start < count; start += PredictionBatch)
        {
            using var batch = NewDisposeScope();
            var length = Math.Min(PredictionBatch, count - start);
            model.forward(all.narrow(0, start, length)).data<float>().CopyTo(outputs, start);
        }

        return outputs;
    }

    /// <returns>Mean loss over all windows of the epoch.</returns>
    private static double Epoch(
        LstmModel model, TorchAdam adam, Tensor inputs, Tensor labels, int[] order, int batchSize, CancellationToken cancellationToken)
    {
        using var epoch = NewDisposeScope();
        var positions = tensor(order, dtype: ScalarType.Int64);
        var shuffledInputs = inputs.index_select(0, positions);
        var shuffledLabels = labels.index_select(0, positions);
        var sum = 0.0;

        for (var start = 0; start < order.Length; start += batchSize)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var step = NewDisposeScope();
            var length = Math.Min(batchSize, order.Length - start);

            model.zero_grad();
            var loss = nn.functional.mse_loss(model.forward(shuffledInputs.narrow(0, start, length)), shuffledLabels.narrow(0, start, length));
            loss.backward();
            adam.Step();
            sum += loss.item<float>() * (double)length;
        }

        return sum / order.Length;
    }
}
