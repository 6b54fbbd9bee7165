using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using FedQueue.Contracts;
using FedQueue.Worker.Data;

namespace FedQueue.Worker.Training;

/// <summary>Trains with the processor's vector instructions, one thread a participant. Equal arguments give equal bits on every processor.</summary>
internal sealed class SimdTrainer : ITrainer
{
    /// <summary>Windows predicted at once: enough for the kernels, few enough for the cache.</summary>
    private const int PredictionBatch = 64;

    private readonly SpareNetworks spares = new();

    /// <summary>Whether the processor multiplies and adds in one instruction (AVX2 and newer, ARM); without it the same bits take a hundred times as long.</summary>
    public static bool IsFast => Fma.IsSupported || AdvSimd.IsSupported;

    /// <summary>How wide the processor's vectors are: 512, 256 or 128 bits, or 32 for none.</summary>
    public static int VectorBits => Vector512.IsHardwareAccelerated ? 512 : Vector256.IsHardwareAccelerated ? 256 : Vector128.IsHardwareAccelerated ? 128 : 32;

    public TrainingResult Train(TrainingJob job, Action<int, double> epochDone, CancellationToken cancellationToken)
    {
        var (windows, plan) = (job.Windows, job.Plan);
        var batch = Math.Min(plan.BatchSize, windows.TrainingCount);
        var network = spares.Take(job.Model, windows.Window, batch);
        network.Load(job.Weights);
        network.Adam.Begin(plan.LearningRate);
        var byOutput = new float[batch];
        var order = Enumerable.Range(0, windows.TrainingCount).ToArray();
        var loss = 0.0;

        for (var epoch = 1; epoch <= plan.Epochs; epoch++)
        {
            job.Shuffling.Shuffle(order);
            var squares = 0.0;
            for (var start = 0; start < order.Length; start += batch)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var chosen = order.AsSpan(start, Math.Min(batch, order.Length - start));
                squares += Step(network, windows, chosen, byOutput.AsSpan(0, chosen.Length));
            }

            loss = squares / order.Length;
            if (!double.IsFinite(loss))
                throw new TrainingException(
                    $"The training loss became {loss} in epoch {epoch}; a smaller learning rate than {plan.LearningRate} may help.");
            epochDone(epoch, loss);
        }

        var weights = network.Weights();
        if (!weights.All(float.IsFinite))
            throw new TrainingException("A weight became infinite or NaN in training; a smaller learning rate may help.");
        spares.Keep(network);
        return new TrainingResult(weights, loss);
    }

    public float[] Predict(ModelPlan model, ReadOnlySpan<float> weights, float[] inputs, int window)
    {
        var count = inputs.Length / (window * model.Inputs);
        var network = spares.Take(model, window, Math.Clamp(count, 1, PredictionBatch));
        network.Load(weights);

        var outputs = new float[count];
        Span<int> chosen = stackalloc int[PredictionBatch];
        for (var start = 0; start < count; start += PredictionBatch)
        {
            var length = Math.Min(PredictionBatch, count - start);
            for (var row = 0; row < length; row++)
                chosen[row] = start + row;
            network.Forward(inputs, chosen[..length]);
            network.Outputs.CopyTo(outputs.AsSpan(start));
        }

        spares.Keep(network);
        return outputs;
    }

    /// <summary>One optimiser step on the mean squared error.</summary>
    /// <returns>Sum of the squared errors before it.</returns>
    private static double Step(LstmNetwork network, ParticipantWindows windows, ReadOnlySpan<int> chosen, Span<float> byOutput)
    {
        network.Forward(windows.TrainingInputs, chosen);
        var squares = 0.0;
        for (var row = 0; row < chosen.Length; row++)
        {
            var error = network.Outputs[row] - windows.TrainingLabels[chosen[row]];
            squares += (double)error * error;
            byOutput[row] = 2 * error / chosen.Length;
        }

        network.Backward(byOutput);
        network.Adam.Step(network.Parameters, network.Gradients);
        return squares;
    }
}
