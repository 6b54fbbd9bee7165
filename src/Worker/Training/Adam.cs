using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using FedQueue.Contracts;

namespace FedQueue.Worker.Training;

/// <summary>Adam (Kingma and Ba 2015, algorithm 1), in the arrangement of PyTorch: ε is added after the bias correction.</summary>
internal sealed unsafe class Adam(int length)
{
    private readonly KernelMemory firstMoments = new(length);
    private readonly KernelMemory secondMoments = new(length);
    private double learningRate;
    private double beta1Power;
    private double beta2Power;

    /// <summary>Of its moments.</summary>
    public long Bytes => 2L * sizeof(float) * length;

    /// <summary>Forgets all steps; to be called before the first.</summary>
    public void Begin(double rate)
    {
        (learningRate, beta1Power, beta2Power) = (rate, 1, 1);
        firstMoments.Span.Clear();
        secondMoments.Span.Clear();
    }

    /// <summary>Moves the parameters by one step and clears the gradients for the next.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Step(KernelMemory parameters, KernelMemory gradients)
    {
        if (parameters.Length != length || gradients.Length != length)
            throw new ArgumentException($"{parameters.Length} parameters and {gradients.Length} gradients for {length} moments.", nameof(parameters));

        beta1Power *= TrainingPlan.Beta1;
        beta2Power *= TrainingPlan.Beta2;
        var step = Vector512.Create((float)(-learningRate / (1 - beta1Power)));
        var scale = Vector512.Create((float)(1 / Math.Sqrt(1 - beta2Power)));
        var (beta1, rest1) = (Vector512.Create((float)TrainingPlan.Beta1), Vector512.Create((float)(1 - TrainingPlan.Beta1)));
        var (beta2, rest2) = (Vector512.Create((float)TrainingPlan.Beta2), Vector512.Create((float)(1 - TrainingPlan.Beta2)));
        var epsilon = Vector512.Create((float)TrainingPlan.Epsilon);

        float* p = parameters.Pointer, g = gradients.Pointer, m = firstMoments.Pointer, v = secondMoments.Pointer;
        for (nint i = 0; i < length; i += MatrixProduct.Lanes)
        {
            var gradient = Vector512.Load(g + i);
            var first = Vector512.FusedMultiplyAdd(beta1, Vector512.Load(m + i), rest1 * gradient);
            var second = Vector512.FusedMultiplyAdd(beta2, Vector512.Load(v + i), rest2 * gradient * gradient);
            first.Store(m + i);
            second.Store(v + i);
            var direction = first / Vector512.FusedMultiplyAdd(Vector512.Sqrt(second), scale, epsilon);
            Vector512.FusedMultiplyAdd(step, direction, Vector512.Load(p + i)).Store(p + i);
            Vector512<float>.Zero.Store(g + i);
        }

        GC.KeepAlive(parameters);
        GC.KeepAlive(gradients);
        GC.KeepAlive(this);
    }
}
