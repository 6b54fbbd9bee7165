namespace FedQueue.Contracts;

/// <summary>
/// The weights before round 1, as Keras initialises the tutorial's layers: Glorot-uniform kernels (Glorot and Bengio 2010),
/// orthogonal recurrent kernel (Saxe et al. 2014), biases 0 but 1 for the forget gate (Jozefowicz et al. 2015).
/// </summary>
public static class InitialWeights
{
    /// <summary>Draws the weights of a run.</summary>
    /// <param name="model">Their layout.</param>
    /// <param name="seed">Of the run.</param>
    /// <returns>P values in the order of <see cref="ModelPlan.Tensors"/>; equal seeds give equal bits on every machine.</returns>
    public static float[] Create(ModelPlan model, ulong seed)
    {
        var random = SeededRandom.For(seed, "initial-weights");
        var units = model.Units;
        var weights = new float[model.ParameterCount()];

        // What is left of them; large models have room for their weights once.
        var rest = weights.AsSpan();
        for (var layer = 0; layer < model.Layers; layer++)
        {
            var inputs = layer == 0 ? model.Inputs : units;
            GlorotUniform(random, fanIn: inputs, fanOut: 4 * units, Next(ref rest, 4 * units * inputs));
            Orthogonal(random, rows: 4 * units, columns: units, Next(ref rest, 4 * units * units));
            Next(ref rest, 4 * units).Slice(units, units).Fill(1);
            Next(ref rest, 4 * units); // PyTorch's second bias adds to the first, so only one of them may carry the 1.
        }

        GlorotUniform(random, fanIn: units, fanOut: 1, Next(ref rest, units));
        return weights;
    }

    private static Span<float> Next(ref Span<float> rest, int length)
    {
        var next = rest[..length];
        rest = rest[length..];
        return next;
    }

    /// <summary>Uniform within ±√(6 / (fan-in + fan-out)).</summary>
    private static void GlorotUniform(SeededRandom random, int fanIn, int fanOut, Span<float> values)
    {
        var limit = Math.Sqrt(6.0 / (fanIn + fanOut));
        for (var i = 0; i < values.Length; i++)
            values[i] = (float)((2 * random.NextDouble() - 1) * limit);
    }

    /// <summary>Row-major [rows, columns], rows &gt;= columns, whose columns are orthonormal: Gram and Schmidt's method on random ones.</summary>
    private static void Orthogonal(SeededRandom random, int rows, int columns, Span<float> values)
    {
        var basis = new double[columns][];
        for (var c = 0; c < columns; c++)
        {
            var column = new double[rows];
            for (var r = 0; r < rows; r++)
                column[r] = random.NextNormal();

            // Twice is enough to be orthogonal to the last bit (Giraud et al. 2005).
            for (var pass = 0; pass < 2; pass++)
                foreach (var earlier in basis.AsSpan(0, c))
                    Add(column, earlier, -Dot(column, earlier));

            var length = Math.Sqrt(Dot(column, column));
            for (var r = 0; r < rows; r++)
                column[r] /= length;
            basis[c] = column;
        }

        for (var r = 0; r < rows; r++)
            for (var c = 0; c < columns; c++)
                values[r * columns + c] = (float)basis[c][r];
    }

    private static double Dot(double[] a, double[] b)
    {
        var sum = 0.0;
        for (var i = 0; i < a.Length; i++)
            sum += a[i] * b[i];
        return sum;
    }

    private static void Add(double[] target, double[] direction, double factor)
    {
        for (var i = 0; i < target.Length; i++)
            target[i] += factor * direction[i];
    }
}
