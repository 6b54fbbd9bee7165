using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using FedQueue.Contracts;

namespace FedQueue.Bench.Kernels;

internal static class Arithmetic
{
    /// <summary>Multiplications and additions that the matrix products of a step need; activations, biases and Adam come on top.</summary>
    public static double FlopsOfStep(ModelPlan model, int window, int batch)
    {
        double flops = 0;
        for (var layer = 0; layer < model.Layers; layer++)
        {
            double gates = 4.0 * model.Units * batch, inputs = layer == 0 ? model.Inputs : model.Units;

            // By input forward and by its weights; by the inputs of upper layers; three by the state, of which the first step has none.
            flops += 2 * gates * inputs * window * (layer == 0 ? 2 : 3) + 2 * gates * model.Units * (window - 1) * 3;
        }

        return flops;
    }

    /// <summary>What a plain loop of independent fused multiply-adds reaches on this core now.</summary>
    public static double PeakGigaflops()
    {
        const int repetitions = 20_000;
        Loop(repetitions / 10);
        var start = Stopwatch.GetTimestamp();
        var lanes = Loop(repetitions);
        return repetitions * 12.0 * lanes * 2 / Stopwatch.GetElapsedTime(start).TotalNanoseconds;
    }

    private static float sink;

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static int Loop(int repetitions) => Vector512.IsHardwareAccelerated ? Loop512(repetitions) : Loop256(repetitions);

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static int Loop512(int repetitions)
    {
        var (x, y) = (Vector512.Create(0.9999f), Vector512.Create(0.0001f));
        Vector512<float> a = x, b = x, c = x, d = x, e = x, f = x, g = x, h = x, i = x, j = x, k = x, l = x;
        for (var n = 0; n < repetitions; n++)
        {
            a = Vector512.FusedMultiplyAdd(a, x, y);
            b = Vector512.FusedMultiplyAdd(b, x, y);
            c = Vector512.FusedMultiplyAdd(c, x, y);
            d = Vector512.FusedMultiplyAdd(d, x, y);
            e = Vector512.FusedMultiplyAdd(e, x, y);
            f = Vector512.FusedMultiplyAdd(f, x, y);
            g = Vector512.FusedMultiplyAdd(g, x, y);
            h = Vector512.FusedMultiplyAdd(h, x, y);
            i = Vector512.FusedMultiplyAdd(i, x, y);
            j = Vector512.FusedMultiplyAdd(j, x, y);
            k = Vector512.FusedMultiplyAdd(k, x, y);
            l = Vector512.FusedMultiplyAdd(l, x, y);
        }

        sink = (a + b + c + d + e + f + g + h + i + j + k + l)[0];
        return Vector512<float>.Count;
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static int Loop256(int repetitions)
    {
        var (x, y) = (Vector256.Create(0.9999f), Vector256.Create(0.0001f));
        Vector256<float> a = x, b = x, c = x, d = x, e = x, f = x, g = x, h = x, i = x, j = x, k = x, l = x;
        for (var n = 0; n < repetitions; n++)
        {
            a = Vector256.FusedMultiplyAdd(a, x, y);
            b = Vector256.FusedMultiplyAdd(b, x, y);
            c = Vector256.FusedMultiplyAdd(c, x, y);
            d = Vector256.FusedMultiplyAdd(d, x, y);
            e = Vector256.FusedMultiplyAdd(e, x, y);
            f = Vector256.FusedMultiplyAdd(f, x, y);
            g = Vector256.FusedMultiplyAdd(g, x, y);
            h = Vector256.FusedMultiplyAdd(h, x, y);
            i = Vector256.FusedMultiplyAdd(i, x, y);
            j = Vector256.FusedMultiplyAdd(j, x, y);
            k = Vector256.FusedMultiplyAdd(k, x, y);
            l = Vector256.FusedMultiplyAdd(l, x, y);
        }

        sink = (a + b + c + d + e + f + g + h + i + j + k + l)[0];
        return Vector256<float>.Count;
    }
}
