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

    /// <returns>Its part from a row and a panel on.</returns>
    public Matrix From(nint row, nint panel) => new(first + panel * panelStep + row * rowStep, rowStep, panelStep);
}

/// <summary>
/// The kernel of all matrix products in training: C = S + A·B, row-major, sixteen or twice sixteen columns of B and C at a time. Lanes lie along the
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
        // Where there are 32 registers of sixteen lanes, eight rows of two panels at once; what is left over, panel by panel.
        nint panels = n / Lanes, rows = Vector512.IsHardwareAccelerated ? m / 8 * 8 : 0, paired = rows > 0 ? panels / 2 * 2 : 0;
        for (nint panel = 0; panel < paired; panel += 2)
            for (nint i = 0; i < rows; i += 8)
                EightRowsOfTwoPanels(s.From(i, panel), a + i * rowStep, rowStep, columnStep, b.From(0, panel), c.From(i, panel), k);

        for (nint panel = 0; panel < panels; panel++)
        {
            float* panelS = s.First + panel * s.PanelStep, panelB = b.First + panel * b.PanelStep, panelC = c.First + panel * c.PanelStep;
            for (var i = panel < paired ? rows : 0; i < m;)
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

    /// <summary>
    /// Sixteen chains: two multipliers with a latency of four cycles want eight, and each factor that is read is used twice or eight
    /// times, so that loads are not the limit either.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void EightRowsOfTwoPanels(Matrix s, float* a, nint rowStep, nint columnStep, Matrix b, Matrix c, int k)
    {
        float* s0 = s.First, s1 = s0 + s.PanelStep, b0 = b.First, b1 = b0 + b.PanelStep, a3 = a + 3 * rowStep, a6 = a + 6 * rowStep;
        nint sStride = s.RowStep, bStride = b.RowStep;
        var (left0, right0) = (Vector512.Load(s0), Vector512.Load(s1));
        var (left1, right1) = (Vector512.Load(s0 + sStride), Vector512.Load(s1 + sStride));
        var (left2, right2) = (Vector512.Load(s0 + 2 * sStride), Vector512.Load(s1 + 2 * sStride));
        var (left3, right3) = (Vector512.Load(s0 + 3 * sStride), Vector512.Load(s1 + 3 * sStride));
        var (left4, right4) = (Vector512.Load(s0 + 4 * sStride), Vector512.Load(s1 + 4 * sStride));
        var (left5, right5) = (Vector512.Load(s0 + 5 * sStride), Vector512.Load(s1 + 5 * sStride));
        var (left6, right6) = (Vector512.Load(s0 + 6 * sStride), Vector512.Load(s1 + 6 * sStride));
        var (left7, right7) = (Vector512.Load(s0 + 7 * sStride), Vector512.Load(s1 + 7 * sStride));
        for (; k > 0; k--)
        {
            var (left, right) = (Vector512.Load(b0), Vector512.Load(b1));
            var factor0 = Vector512.Create(a[0]);
            left0 = Vector512.FusedMultiplyAdd(factor0, left, left0);
            right0 = Vector512.FusedMultiplyAdd(factor0, right, right0);
            var factor1 = Vector512.Create(a[rowStep]);
            left1 = Vector512.FusedMultiplyAdd(factor1, left, left1);
            right1 = Vector512.FusedMultiplyAdd(factor1, right, right1);
            var factor2 = Vector512.Create(a[2 * rowStep]);
            left2 = Vector512.FusedMultiplyAdd(factor2, left, left2);
            right2 = Vector512.FusedMultiplyAdd(factor2, right, right2);
            var factor3 = Vector512.Create(a3[0]);
            left3 = Vector512.FusedMultiplyAdd(factor3, left, left3);
            right3 = Vector512.FusedMultiplyAdd(factor3, right, right3);
            var factor4 = Vector512.Create(a3[rowStep]);
            left4 = Vector512.FusedMultiplyAdd(factor4, left, left4);
            right4 = Vector512.FusedMultiplyAdd(factor4, right, right4);
            var factor5 = Vector512.Create(a3[2 * rowStep]);
            left5 = Vector512.FusedMultiplyAdd(factor5, left, left5);
            right5 = Vector512.FusedMultiplyAdd(factor5, right, right5);
            var factor6 = Vector512.Create(a6[0]);
            left6 = Vector512.FusedMultiplyAdd(factor6, left, left6);
            right6 = Vector512.FusedMultiplyAdd(factor6, right, right6);
            var factor7 = Vector512.Create(a6[rowStep]);
            left7 = Vector512.FusedMultiplyAdd(factor7, left, left7);
            right7 = Vector512.FusedMultiplyAdd(factor7, right, right7);
            a += columnStep;
            a3 += columnStep;
            a6 += columnStep;
            b0 += bStride;
            b1 += bStride;
        }

        float* c0 = c.First, c1 = c0 + c.PanelStep;
        var cStride = c.RowStep;
        left0.Store(c0);
        right0.Store(c1);
        left1.Store(c0 + cStride);
        right1.Store(c1 + cStride);
        left2.Store(c0 + 2 * cStride);
        right2.Store(c1 + 2 * cStride);
        left3.Store(c0 + 3 * cStride);
        right3.Store(c1 + 3 * cStride);
        left4.Store(c0 + 4 * cStride);
        right4.Store(c1 + 4 * cStride);
        left5.Store(c0 + 5 * cStride);
        right5.Store(c1 + 5 * cStride);
        left6.Store(c0 + 6 * cStride);
        right6.Store(c1 + 6 * cStride);
        left7.Store(c0 + 7 * cStride);
        right7.Store(c1 + 7 * cStride);
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
