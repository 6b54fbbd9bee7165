namespace FedQueue.Worker.Data;

/// <summary>Smallest and largest value of a column over some rows, in the column's own unit; 0 and 0 over no rows.</summary>
internal readonly record struct ColumnRange(string Name, double Minimum, double Maximum)
{
    /// <summary>Whether the column has one value only; it is scaled to 0 then.</summary>
    public bool IsConstant => Minimum == Maximum;

    /// <summary>Scales a value so that the range becomes [0, 1].</summary>
    /// <remarks>A held-out value may lie outside; it is kept within ±1e30, so that a model's sums stay finite.</remarks>
    public float Scale(double value) => IsConstant ? 0 : (float)Math.Clamp((value - Minimum) / (Maximum - Minimum), -1e30, 1e30);

    /// <summary>The inverse of <see cref="Scale"/>.</summary>
    public double Unscale(float scaled) => Minimum + scaled * (Maximum - Minimum);

    /// <summary>Range of one column of row-major values [rows × width], over the first rows.</summary>
    public static ColumnRange Of(string name, double[] values, int column, int width, int rows)
    {
        if (rows == 0)
            return new(name, 0, 0);

        var minimum = double.PositiveInfinity;
        var maximum = double.NegativeInfinity;
        for (var index = column; index < rows * width; index += width)
        {
            minimum = Math.Min(minimum, values[index]);
            maximum = Math.Max(maximum, values[index]);
        }
        return new(name, minimum, maximum);
    }
}
