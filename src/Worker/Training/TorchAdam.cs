using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace FedQueue.Worker.Training;

/// <summary>
/// Adam (Kingma and Ba 2015, algorithm 1) with libtorch's tensors, in the order of PyTorch's own, so with its bits. TorchSharp's optimiser makes a
/// <see cref="Scalar"/> for every factor and leaves it to the finaliser, which may run while libtorch still reads it: "Unknown scalar
/// type", after a thousand steps or a hundred thousand. Here each is held until the call has returned.
/// </summary>
internal sealed class TorchAdam : IDisposable
{
    private readonly List<(Parameter Parameter, Tensor Mean, Tensor Square)> states;
    private readonly double learningRate;
    private readonly double beta1;
    private readonly double beta2;
    private readonly Scalar keepMean;
    private readonly Scalar addMean;
    private readonly Scalar keepSquare;
    private readonly Scalar addSquare;
    private readonly Scalar epsilon;
    private readonly Scalar one;
    private long steps;

    /// <param name="parameters">What it changes; they must outlive it.</param>
    /// <param name="learningRate">Above 0.</param>
    /// <param name="beta1">Decay of the mean of the gradients, from 0 to below 1.</param>
    /// <param name="beta2">Decay of the mean of their squares, from 0 to below 1.</param>
    /// <param name="epsilon">Added to the root of that mean, above 0.</param>
    public TorchAdam(IEnumerable<Parameter> parameters, double learningRate, double beta1, double beta2, double epsilon)
    {
        (this.learningRate, this.beta1, this.beta2) = (learningRate, beta1, beta2);
        states = [.. parameters.Select(parameter => (parameter, zeros_like(parameter), zeros_like(parameter)))];
        (keepMean, addMean, keepSquare, addSquare) = (beta1.ToScalar(), (1 - beta1).ToScalar(), beta2.ToScalar(), (1 - beta2).ToScalar());
        (this.epsilon, one) = (epsilon.ToScalar(), 1.ToScalar());
    }

    /// <summary>Changes every parameter by its gradient.</summary>
    public void Step()
    {
        using var tensors = NewDisposeScope();
        using var noGradients = no_grad();
        steps++;
        using var correction = Math.Sqrt(1 - Math.Pow(beta2, steps)).ToScalar();
        using var size = (-learningRate / (1 - Math.Pow(beta1, steps))).ToScalar();
        foreach (var (parameter, mean, square) in states)
        {
            var gradient = parameter.grad ?? throw new InvalidOperationException("A parameter has no gradient: the loss does not depend on it.");
            mean.mul_(keepMean).add_(gradient, addMean);
            square.mul_(keepSquare).addcmul_(gradient, gradient, addSquare);
            parameter.addcdiv_(mean, square.sqrt().div(correction).add_(epsilon, one), size);
        }
    }

    public void Dispose()
    {
        foreach (var (_, mean, square) in states)
        {
            mean.Dispose();
            square.Dispose();
        }

        foreach (var scalar in (Scalar[])[keepMean, addMean, keepSquare, addSquare, epsilon, one])
            scalar.Dispose();
    }
}
