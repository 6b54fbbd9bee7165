using FedQueue.Contracts;
using FedQueue.Worker.Data;

namespace FedQueue.Worker.Tests.Training;

/// <summary>The model straight from its equations (Hochreiter and Schmidhuber 1997 with the forget gate of Gers et al. 2000), in doubles.</summary>
internal static class ReferenceLstm
{
    /// <param name="window">Row-major [window, inputs].</param>
    public static double Predict(ModelPlan model, IReadOnlyList<float> weights, ReadOnlySpan<float> window) =>
        Predict(model, [.. weights.Select(weight => (double)weight)], window);

    /// <summary>The same with one weight shifted.</summary>
    public static double Predict(ModelPlan model, IReadOnlyList<float> weights, ReadOnlySpan<float> window, int index, double shift)
    {
        var shifted = weights.Select(weight => (double)weight).ToArray();
        shifted[index] += shift;
        return Predict(model, shifted, window);
    }

    /// <summary>Derivative of the mean squared error over all training windows by one weight, by central differences.</summary>
    public static double Gradient(ModelPlan model, IReadOnlyList<float> weights, ParticipantWindows windows, int index)
    {
        const double step = 1e-5;
        return (Loss(step) - Loss(-step)) / (2 * step);

        double Loss(double shift)
        {
            var shifted = weights.Select(weight => (double)weight).ToArray();
            shifted[index] += shift;
            var size = windows.Window * model.Inputs;
            return Enumerable.Range(0, windows.TrainingCount).Average(n =>
                Math.Pow(Predict(model, shifted, windows.TrainingInputs.AsSpan(n * size, size)) - windows.TrainingLabels[n], 2));
        }
    }

    private static double Predict(ModelPlan model, double[] w, ReadOnlySpan<float> window)
    {
        var (units, layer, steps) = (model.Units, 0, window.Length / model.Inputs);
        var sequence = Enumerable.Range(0, steps).Select(_ => new double[model.Inputs]).ToArray();
        for (var i = 0; i < window.Length; i++)
            sequence[i / model.Inputs][i % model.Inputs] = window[i];
        for (var l = 0; l < model.Layers; l++)
        {
            sequence = Layer(w.AsSpan(layer), units, sequence);
            layer += 4 * units * ((l == 0 ? model.Inputs : units) + units + 2);
        }

        return w[layer + units] + sequence[^1].Select((h, u) => w[layer + u] * h).Sum();
    }

    /// <returns>The hidden states after each step.</returns>
    private static double[][] Layer(ReadOnlySpan<double> w, int units, double[][] sequence)
    {
        var inputs = sequence[0].Length;
        var recurrent = 4 * units * inputs;
        var bias = recurrent + 4 * units * units;
        var (h, c) = (new double[units], new double[units]);
        var hidden = new List<double[]>();

        foreach (var x in sequence)
        {
            var gates = new double[4 * units];
            for (var g = 0; g < gates.Length; g++)
            {
                gates[g] = w[bias + g] + w[bias + 4 * units + g];
                for (var i = 0; i < inputs; i++)
                    gates[g] += w[g * inputs + i] * x[i];
                for (var u = 0; u < units; u++)
                    gates[g] += w[recurrent + g * units + u] * h[u];
            }

            for (var u = 0; u < units; u++)
            {
                c[u] = Sigmoid(gates[units + u]) * c[u] + Sigmoid(gates[u]) * Math.Tanh(gates[2 * units + u]);
                h[u] = Sigmoid(gates[3 * units + u]) * Math.Tanh(c[u]);
            }

            hidden.Add([.. h]);
        }

        return [.. hidden];
    }

    private static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));
}
