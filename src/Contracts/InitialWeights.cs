namespace FedQueue.Contracts;

/// <summary>
/// The weights before round 1, as Keras initialises the tutorial's layers: Glorot-uniform kernels (Glorot and Bengio 2010),
/// orthogonal recurrent kernel (Saxe et al. 2014), biases 0 but 1 for the forget gate (Jozefowicz et al. 2015).
/// </summary>
public static class InitialWeights
{
    /// <summary>
    /// Up to here by Gram and Schmidt's method, because runs of the first release have its bits. Each of its sums waits for the one before: 27 s
    /// for 1,580 units. Beyond: <see cref="OrthonormalRows"/>.
    /// </summary>
    private const int MostUnitsOneByOne = 256;

    /// <summary>Draws the weights of a run.</summary>
    /// <param name="model">Their layout.</param>
    /// <param name="seed">Of the run.</param>
    /// <returns>P values in the order of <see cref="ModelPlan.Tensors"/>; equal seeds give equal bits on every machine.</returns>
    public static float[] Create(ModelPlan model, ulong seed) => Joined(model, Rows(model, seed));

    /// <returns>What <see cref="Create"/> returned until November 2026, when models of more than 256 units got another orthogonal kernel.</returns>
    public static float[] CreateAsBefore(ModelPlan model, ulong seed) => Joined(model, Rows(model, seed, mostUnitsOneByOne: int.MaxValue));

    private static float[] Joined(ModelPlan model, IEnumerable<ReadOnlyMemory<float>> rows)
    {
        var weights = new float[model.ParameterCount()];
        var rest = weights.AsMemory();
        foreach (var row in rows)
        {
            row.CopyTo(rest);
            rest = rest[row.Length..];
        }

        return weights;
    }

    /// <summary>Draws the weights of a run row by row, so that a large model's are not in memory together.</summary>
    /// <param name="model">Their layout.</param>
    /// <param name="seed">Of the run.</param>
    /// <returns>What <see cref="Create"/> returns, in pieces; each is to be used before the next is asked for.</returns>
    public static IEnumerable<ReadOnlyMemory<float>> Rows(ModelPlan model, ulong seed) => Rows(model, seed, MostUnitsOneByOne);

    private static IEnumerable<ReadOnlyMemory<float>> Rows(ModelPlan model, ulong seed, int mostUnitsOneByOne)
    {
        var random = SeededRandom.For(seed, "initial-weights");
        var units = model.Units;

        var forgetBias = new float[4 * units];
        forgetBias.AsSpan(units, units).Fill(1);

        for (var layer = 0; layer < model.Layers; layer++)
        {
            foreach (var row in GlorotUniform(random, rows: 4 * units, columns: layer == 0 ? model.Inputs : units))
                yield return row;
            foreach (var row in units > mostUnitsOneByOne ? OrthonormalRows.Draw(random, 4 * units, units) : Orthogonal(random, rows: 4 * units, columns: units))
                yield return row;
            yield return forgetBias;
            yield return new float[4 * units]; // PyTorch's second bias adds to the first, so only one of them may carry the 1.
        }

        foreach (var row in GlorotUniform(random, rows: 1, columns: units))
            yield return row;
        yield return new float[1];
    }

    /// <summary>Uniform within ±√(6 / (fan-in + fan-out)), of a kernel with a column for each input.</summary>
    private static IEnumerable<float[]> GlorotUniform(SeededRandom random, int rows, int columns)
    {
        var limit = Math.Sqrt(6.0 / (columns + rows));
        var row = new float[columns];
        for (var r = 0; r < rows; r++)
        {
            for (var c = 0; c < columns; c++)
                row[c] = (float)((2 * random.NextDouble() - 1) * limit);
            yield return row;
        }
    }

    /// <summary>[rows, columns], rows &gt;= columns, whose columns are orthonormal.</summary>
    private static IEnumerable<float[]> Orthogonal(SeededRandom random, int rows, int columns)
    {
        var basis = Orthonormal(random, rows, columns);
        var row = new float[columns];
        for (var r = 0; r < rows; r++)
        {
            for (var c = 0; c < columns; c++)
                row[c] = (float)basis[c * rows + r];
            yield return row;
        }
    }

    /// <returns>Orthonormal columns, one after the other: Gram and Schmidt's method on random ones. In one array, which the garbage collector never moves.</returns>
    private static double[] Orthonormal(SeededRandom random, int rows, int columns)
    {
        var basis = new double[columns * rows];
        for (var c = 0; c < columns; c++)
        {
            var column = basis.AsSpan(c * rows, rows);
            for (var r = 0; r < rows; r++)
                column[r] = random.NextNormal();

            // Twice is enough to be orthogonal to the last bit (Giraud et al. 2005).
            for (var pass = 0; pass < 2; pass++)
                for (var earlier = 0; earlier < c; earlier++)
                    Add(column, basis.AsSpan(earlier * rows, rows), -Dot(column, basis.AsSpan(earlier * rows, rows)));

            var length = Math.Sqrt(Dot(column, column));
            for (var r = 0; r < rows; r++)
                column[r] /= length;
        }

        return basis;
    }

    private static double Dot(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        var sum = 0.0;
        for (var i = 0; i < a.Length; i++)
            sum += a[i] * b[i];
        return sum;
    }

    private static void Add(Span<double> target, ReadOnlySpan<double> direction, double factor)
    {
        for (var i = 0; i < target.Length; i++)
            target[i] += factor * direction[i];
    }
}
