using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace FedQueue.Worker.Training;

/// <summary>Where a matrix lies: panels of sixteen columns, and in each its rows.</summary>
/// <param name="first">Its first element.</param>
/// <param name="rowStep">From a row of a panel to the next.</param>
/// <param name="panelStep">From a panel to the next.</param>
internal readonly unsafe struct Matrix(float* first, nint rowStep, nint panelStep)
{
    public float* First => first;

    public nint RowStep => rowStep;

    public nint PanelStep => panelStep;

    /// <summary>Stored row by row.</summary>
    /// <param name="first">Its first element.</param>
    /// <param name="step">From one row to the next; 0 when all rows are the same.</param>
    public static Matrix Rows(float* first, nint step) => new(first, step, MatrixProduct.Lanes);

    /// <summary>
    /// Stored panel by panel, for what every row of a product reads. Rows of 512 bytes and more would share a few places of the nearest
    /// cache and push each other out.
    /// </summary>
    /// <param name="first">Its first element.</param>
    /// <param name="rows">Rows of a panel.</param>
    public static Matrix Panels(float* first, nint rows) => new(first, MatrixProduct.Lanes, rows * MatrixProduct.Lanes);
}

/// <summary>
/// The kernel of all matrix products in training: C = S + A·B, row-major, sixteen columns of B and C at a time. Lanes lie along the
/// columns and never along the sum, so each element of C is one chain of fused multiply-adds in the order of k: the same bits
/// whether the sixteen lanes are one register, two, four, or none.
/// </summary>
internal static unsafe class MatrixProduct
{
    public const int Lanes = 16;

    /// <summary>C += A·B.</summary>
    /// <inheritdoc cref="Set"/>
    public static void Add(float* a, nint rowStep, nint columnStep, Matrix b, Matrix c, int m, int k, int n) =>
        Set(c, a, rowStep, columnStep, b, c, m, k, n);

    /// <summary>C = S + A·B.</summary>
    /// <param name="s">[m, n]; what the sums begin with.</param>
    /// <param name="a">[m, k]; element (i, j) is at a[i·<paramref name="rowStep"/> + j·<paramref name="columnStep"/>].</param>
    /// <param name="rowStep">Also 1, for a matrix that is stored transposed.</param>
    /// <param name="columnStep">1 for a matrix that is stored row by row.</param>
    /// <param name="b">[k, n].</param>
    /// <param name="c">[m, n].</param>
    /// <param name="m">Rows of A and C.</param>
    /// <param name="k">Columns of A, rows of B.</param>
    /// <param name="n">Columns of B and C, a multiple of <see cref="Lanes"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Set(Matrix s, float* a, nint rowStep, nint columnStep, Matrix b, Matrix c, int m, int k, int n)
    {
        for (nint panel = 0; panel < n / Lanes; panel++)
        {
            float* panelS = s.First + panel * s.PanelStep, panelB = b.First + panel * b.PanelStep, panelC = c.First + panel * c.PanelStep;
            for (nint i = 0; i < m;)
            {
                // Six rows keep both multipliers of an AVX2 core busy and fit its registers; four are nearly as fast, one is not.
                var left = m - (int)i;
                float* tileS = panelS + i * s.RowStep, tileA = a + i * rowStep, tileC = panelC + i * c.RowStep;
                if (left >= 6 && left != 8)
                {
                    SixRows(tileS, s.RowStep, tileA, rowStep, columnStep, panelB, b.RowStep, tileC, c.RowStep, k);
                    i += 6;
                }
                else if (left >= 4)
                {
                    FourRows(tileS, s.RowStep, tileA, rowStep, columnStep, panelB, b.RowStep, tileC, c.RowStep, k);
                    i += 4;
                }
                else
                {
                    OneRow(tileS, tileA, columnStep, panelB, b.RowStep, tileC, k);
                    i++;
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void SixRows(float* s, nint sStride, float* a, nint rowStep, nint columnStep, float* b, nint bStride, float* c, nint cStride, int k)
    {
        var (c0, c1, c2) = (Vector512.Load(s), Vector512.Load(s + sStride), Vector512.Load(s + 2 * sStride));
        var (c3, c4, c5) = (Vector512.Load(s + 3 * sStride), Vector512.Load(s + 4 * sStride), Vector512.Load(s + 5 * sStride));
        var a3 = a + 3 * rowStep;
        for (; k > 0; k--)
        {
            var row = Vector512.Load(b);
            c0 = Vector512.FusedMultiplyAdd(Vector512.Create(a[0]), row, c0);
            c1 = Vector512.FusedMultiplyAdd(Vector512.Create(a[rowStep]), row, c1);
            c2 = Vector512.FusedMultiplyAdd(Vector512.Create(a[2 * rowStep]), row, c2);
            c3 = Vector512.FusedMultiplyAdd(Vector512.Create(a3[0]), row, c3);
            c4 = Vector512.FusedMultiplyAdd(Vector512.Create(a3[rowStep]), row, c4);
            c5 = Vector512.FusedMultiplyAdd(Vector512.Create(a3[2 * rowStep]), row, c5);
            a += columnStep;
            a3 += columnStep;
            b += bStride;
        }

        c0.Store(c);
        c1.Store(c + cStride);
        c2.Store(c + 2 * cStride);
        c3.Store(c + 3 * cStride);
        c4.Store(c + 4 * cStride);
        c5.Store(c + 5 * cStride);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void FourRows(float* s, nint sStride, float* a, nint rowStep, nint columnStep, float* b, nint bStride, float* c, nint cStride, int k)
    {
        var (c0, c1, c2, c3) = (Vector512.Load(s), Vector512.Load(s + sStride), Vector512.Load(s + 2 * sStride), Vector512.Load(s + 3 * sStride));
        var a3 = a + 3 * rowStep;
        for (; k > 0; k--)
        {
            var row = Vector512.Load(b);
            c0 = Vector512.FusedMultiplyAdd(Vector512.Create(a[0]), row, c0);
            c1 = Vector512.FusedMultiplyAdd(Vector512.Create(a[rowStep]), row, c1);
            c2 = Vector512.FusedMultiplyAdd(Vector512.Create(a[2 * rowStep]), row, c2);
            c3 = Vector512.FusedMultiplyAdd(Vector512.Create(a3[0]), row, c3);
            a += columnStep;
            a3 += columnStep;
            b += bStride;
        }

        c0.Store(c);
        c1.Store(c + cStride);
        c2.Store(c + 2 * cStride);
        c3.Store(c + 3 * cStride);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void OneRow(float* s, float* a, nint columnStep, float* b, nint bStride, float* c, int k)
    {
        var sum = Vector512.Load(s);
        for (; k > 0; k--)
        {
            sum = Vector512.FusedMultiplyAdd(Vector512.Create(a[0]), Vector512.Load(b), sum);
            a += columnStep;
            b += bStride;
        }

        sum.Store(c);
    }
}
