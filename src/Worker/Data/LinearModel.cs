namespace FedQueue.Worker.Data;

/// <summary>
/// Least squares with an intercept: the normal equations of centred inputs, solved by Cholesky's decomposition. A ridge of
/// 1e-8 of the trace makes constant and dependent inputs, which scaled windows are full of, solvable.
/// </summary>
internal sealed class LinearModel
{
    /// <summary>Most inputs that are fitted: the matrix has this number squared.</summary>
    public const int MaxInputs = 4_000;

    private const double Ridge = 1e-8;

    private readonly double[] coefficients;
    private readonly double intercept;

    private LinearModel(double[] coefficients, double intercept)
    {
        this.coefficients = coefficients;
        this.intercept = intercept;
    }

    /// <summary>Fits N &gt;= 1 samples.</summary>
    /// <param name="inputs">Row-major [N × D], D from 1 to <see cref="MaxInputs"/>.</param>
    /// <param name="labels">Values [N].</param>
    public static LinearModel Fit(ReadOnlySpan<float> inputs, ReadOnlySpan<float> labels)
    {
        var width = inputs.Length / labels.Length;
        var means = new double[width];
        var labelMean = 0.0;
        for (var sample = 0; sample < labels.Length; sample++)
        {
            for (var i = 0; i < width; i++)
                means[i] += inputs[sample * width + i] / (double)labels.Length;
            labelMean += labels[sample] / (double)labels.Length;
        }

        // Lower triangle of XᵀX, and Xᵀy.
        var matrix = Enumerable.Range(0, width).Select(i => new double[i + 1]).ToArray();
        var solution = new double[width];
        var centred = new double[width];
        for (var sample = 0; sample < labels.Length; sample++)
        {
            for (var i = 0; i < width; i++)
                centred[i] = inputs[sample * width + i] - means[i];
            for (var i = 0; i < width; i++)
            {
                var row = matrix[i];
                for (var j = 0; j <= i; j++)
                    row[j] += centred[i] * centred[j];
                solution[i] += centred[i] * (labels[sample] - labelMean);
            }
        }

        var trace = matrix.Sum(row => row[^1]);
        foreach (var row in matrix)
            row[^1] += trace > 0 ? trace * Ridge : 1;
        Solve(matrix, solution);
        return new(solution, labelMean - Dot(solution, means, width));
    }

    /// <summary>Predictions [N] for row-major inputs [N × D].</summary>
    public float[] Predict(ReadOnlySpan<float> inputs)
    {
        var predictions = new float[inputs.Length / coefficients.Length];
        for (var sample = 0; sample < predictions.Length; sample++)
        {
            var sum = intercept;
            for (var i = 0; i < coefficients.Length; i++)
                sum += coefficients[i] * inputs[sample * coefficients.Length + i];
            predictions[sample] = (float)sum;
        }
        return predictions;
    }

    /// <summary>Cholesky's L in place of the lower triangle, then L z = b and Lᵀ x = z in place of b.</summary>
    private static void Solve(double[][] lower, double[] b)
    {
        for (var i = 0; i < b.Length; i++)
        {
            for (var j = 0; j < i; j++)
                lower[i][j] = (lower[i][j] - Dot(lower[i], lower[j], j)) / lower[j][j];
            lower[i][i] = Math.Sqrt(lower[i][i] - Dot(lower[i], lower[i], i));
            b[i] = (b[i] - Dot(lower[i], b, i)) / lower[i][i];
        }
        for (var i = b.Length - 1; i >= 0; i--)
        {
            b[i] /= lower[i][i];
            for (var j = 0; j < i; j++)
                b[j] -= lower[i][j] * b[i];
        }
    }

    private static double Dot(double[] a, double[] b, int count)
    {
        var sum = 0.0;
        for (var i = 0; i < count; i++)
            sum += a[i] * b[i];
        return sum;
    }
}
