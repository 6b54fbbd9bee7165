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

        var forgetBias = new float[4 * units];
        forgetBias.AsSpan(units, units).Fill(1);

        var weights = new List<float>(model.ParameterCount());
        for (var layer = 0; layer < model.Layers; layer++)
        {
            var inputs = layer == 0 ? model.Inputs : units;
            weights.AddRange(GlorotUniform(random, fanIn: inputs, fanOut: 4 * units, length: 4 * units * inputs));
            weights.AddRange(Orthogonal(random, rows: 4 * units, columns: units));
            weights.AddRange(forgetBias);
            weights.AddRange(new float[4 * units]); // PyTorch's second bias adds to the first, so only one of them may carry the 1.
        }

        return
        [
            .. weights,
            .. GlorotUniform(random, fanIn: units, fanOut: 1, length: units),
            0,
        ];
    }

    /// <summary>Uniform within ±√(6 / (fan-in + fan-out)).</summary>
    private static float[] GlorotUniform(SeededRandom random, int fanIn, int fanOut, int length)
    {
        var limit = Math.Sqrt(6.0 / (fanIn + fanOut));
        var values = new float[length];
        for (var i = 0; i < length; i++)
            values[i] = (float)((2 * random.NextDouble() - 1) * limit);
        return values;
    }

    /// <summary>Row-major [rows, columns], rows &gt;= columns, whose columns are orthonormal: Gram and Schmidt's method on random ones.</summary>
    private static float[] Orthogonal(SeededRandom random, int rows, int columns)
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

        var values = new float[rows * columns];
        for (var r = 0; r < rows; r++)
            for (var c = 0; c < columns; c++)
                values[r * columns + c] = (float)basis[c][r];
        return values;
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
