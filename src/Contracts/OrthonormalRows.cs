using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace FedQueue.Contracts;

/// <summary>
/// A random matrix with orthonormal columns, row by row, of which only as many rows as columns are in memory: Cholesky QR (Golub and Van Loan,
/// Matrix Computations, 4th ed., 2013, theorem 5.2.3; Yamamoto et al. 2015 for its errors). With A of independent normal numbers and
/// AᵀA = RᵀR, the rows of Q are those of A·R⁻¹.
/// </summary>
/// <remarks>
/// Errors grow with the square of A's condition, which is about 3 for four times as many rows as columns (Edelman 1988), so they are far below
/// the rounding to float32. Lanes lie along the columns and never along a sum, and products are rounded before they are added, so the bits are the
/// same on every processor. Matrices are stored in panels of 32 columns, one after the other.
/// </remarks>
internal static class OrthonormalRows
{
    /// <summary>Columns of a panel: four vectors of 512 bits, whose sums hide each other's latency.</summary>
    private const int Panel = 32;

    private const int RowsAtOnce = 64;

    /// <summary>Rows of A that go through a panel of R one after the other, while it is in the cache.</summary>
    private const int RowsTogether = 16;

    /// <param name="random">Draws each row of A twice.</param>
    /// <param name="rows">Of the matrix.</param>
    /// <param name="columns">A fourth of <paramref name="rows"/> at most.</param>
    /// <returns>The rows; each is to be used before the next is asked for.</returns>
    public static IEnumerable<float[]> Draw(SeededRandom random, int rows, int columns)
    {
        var factor = Factor(random.Copy(), rows, columns);
        var (some, row) = (Matrix(RowsAtOnce, columns), new float[columns]);
        foreach (var count in Batches(rows))
        {
            Fill(some, count, columns, random);
            Solve(some, count, factor, columns);
            for (var r = 0; r < count; r++)
            {
                for (var c = 0; c < columns; c++)
                    row[c] = (float)some[Place(RowsAtOnce, r, c)];
                yield return row;
            }
        }
    }

    private static double[] Matrix(int rows, int columns) => new double[(columns + Panel - 1) / Panel * Panel * rows];

    private static int Place(int rows, int row, int column) => (column / Panel * rows + row) * Panel + column % Panel;

    private static IEnumerable<int> Batches(int rows)
    {
        for (var first = 0; first < rows; first += RowsAtOnce)
            yield return Math.Min(RowsAtOnce, rows - first);
    }

    private static void Fill(double[] some, int count, int columns, SeededRandom random)
    {
        for (var r = 0; r < count; r++)
            for (var c = 0; c < columns; c++)
                some[Place(RowsAtOnce, r, c)] = random.NextNormal();
    }

    /// <returns>R, [columns, columns]; what is below its diagonal has no meaning.</returns>
    private static double[] Factor(SeededRandom random, int rows, int columns)
    {
        var (factor, some) = (Matrix(columns, columns), Matrix(RowsAtOnce, columns));
        foreach (var count in Batches(rows))
        {
            Fill(some, count, columns, random);
            SubtractSquare(factor, some, count, columns);
        }

        Decompose(factor, columns);
        return factor;
    }

    /// <summary>AᵀA of some rows, taken from what the others gave.</summary>
    private static void SubtractSquare(double[] square, double[] some, int count, int columns) =>
        Parallel.For(0, (columns + Panel - 1) / Panel, panel =>
        {
            var first = panel * Panel;
            for (var i = 0; i < Math.Min(first + Panel, columns); i++)
                Subtract(ref square[Place(columns, i, first)], ref some[Place(RowsAtOnce, 0, i)], Panel, ref some[Place(RowsAtOnce, 0, first)], count);
        });

    /// <summary>From −AᵀA to R, in place, row by row.</summary>
    private static void Decompose(double[] factor, int columns)
    {
        for (var i = 0; i < columns; i++)
        {
            var diagonal = 0.0;
            for (var first = i / Panel * Panel; first < columns; first += Panel)
            {
                var part = factor.AsSpan(Place(columns, i, first), Panel);
                foreach (ref var value in part)
                    value = -value;
                Subtract(ref part[0], ref factor[Place(columns, 0, i)], Panel, ref factor[Place(columns, 0, first)], i);
                if (first <= i)
                    diagonal = Math.Sqrt(part[i % Panel]);
                foreach (ref var value in part)
                    value /= diagonal;
            }
        }
    }

    /// <summary>From rows of A to rows of A·R⁻¹, in place.</summary>
    private static void Solve(double[] some, int count, double[] factor, int columns) =>
        Parallel.For(0, (count + RowsTogether - 1) / RowsTogether, group =>
        {
            for (var first = 0; first < columns; first += Panel)
                for (var r = group * RowsTogether; r < Math.Min((group + 1) * RowsTogether, count); r++)
                    SolvePanel(some, r, first, factor, columns);
        });

    private static void SolvePanel(double[] some, int r, int first, double[] factor, int columns)
    {
        var part = some.AsSpan(Place(RowsAtOnce, r, first), Panel);
        for (var done = 0; done < first; done += Panel)
            Subtract(ref part[0], ref some[Place(RowsAtOnce, r, done)], 1, ref factor[Place(columns, done, first)], Panel);
        for (var j = 0; j < Math.Min(Panel, columns - first); j++)
        {
            for (var i = 0; i < j; i++)
                part[j] -= part[i] * factor[Place(columns, first + i, first + j)];
            part[j] /= factor[Place(columns, first + j, first + j)];
        }
    }

    /// <summary>Takes products of factors and rows of a panel from a row of one, one after the other.</summary>
    /// <param name="target">The row's first element.</param>
    /// <param name="factors">The first factor.</param>
    /// <param name="factorStep">From one factor to the next.</param>
    /// <param name="rows">The first element of the rows.</param>
    /// <param name="count">How many products.</param>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void Subtract(ref double target, ref double factors, nint factorStep, ref double rows, int count)
    {
        var (a, b) = (Vector512.LoadUnsafe(ref target), Vector512.LoadUnsafe(ref target, 8));
        var (c, d) = (Vector512.LoadUnsafe(ref target, 16), Vector512.LoadUnsafe(ref target, 24));
        for (nint k = 0; k < count; k++)
        {
            var factor = Vector512.Create(Unsafe.Add(ref factors, k * factorStep));
            ref var row = ref Unsafe.Add(ref rows, k * Panel);
            a -= factor * Vector512.LoadUnsafe(ref row);
            b -= factor * Vector512.LoadUnsafe(ref row, 8);
            c -= factor * Vector512.LoadUnsafe(ref row, 16);
            d -= factor * Vector512.LoadUnsafe(ref row, 24);
        }

        a.StoreUnsafe(ref target);
        b.StoreUnsafe(ref target, 8);
        c.StoreUnsafe(ref target, 16);
        d.StoreUnsafe(ref target, 24);
    }
}
