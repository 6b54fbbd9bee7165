using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace FedQueue.Worker.Training;

/// <summary>
/// Activations of sixteen values. Only + × ÷ and fused multiply-add are used, which IEEE 754 rounds alike everywhere; the
/// exponential function of a C library would differ from one system to the next.
/// </summary>
internal static class Activation
{
    /// <summary>Beyond it tanh is ±1 to the last bit of a float32.</summary>
    private const float TanhLimit = 7.90531110763549805f;

    /// <summary>
    /// Hyperbolic tangent to about 3·10⁻⁷, NaN for NaN: the rational minimax approximation of degrees 13 and 6 that Eigen uses
    /// (Eigen 3.4, <c>generic_fast_tanh_float</c>).
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Tanh(Vector512<float> x)
    {
        // The second argument is the one that comes back when either is NaN.
        x = Vector512.MinNative(Vector512.Create(TanhLimit), Vector512.MaxNative(Vector512.Create(-TanhLimit), x));
        var square = x * x;

        var p = Vector512.FusedMultiplyAdd(square, Vector512.Create(-2.76076847742355e-16f), Vector512.Create(2.00018790482477e-13f));
        p = Vector512.FusedMultiplyAdd(p, square, Vector512.Create(-8.60467152213735e-11f));
        p = Vector512.FusedMultiplyAdd(p, square, Vector512.Create(5.12229709037114e-08f));
        p = Vector512.FusedMultiplyAdd(p, square, Vector512.Create(1.48572235717979e-05f));
        p = Vector512.FusedMultiplyAdd(p, square, Vector512.Create(6.37261928875436e-04f));
        p = Vector512.FusedMultiplyAdd(p, square, Vector512.Create(4.89352455891786e-03f));

        var q = Vector512.FusedMultiplyAdd(square, Vector512.Create(1.19825839466702e-06f), Vector512.Create(1.18534705686654e-04f));
        q = Vector512.FusedMultiplyAdd(q, square, Vector512.Create(2.26843463243900e-03f));
        q = Vector512.FusedMultiplyAdd(q, square, Vector512.Create(4.89352518554385e-03f));
        return x * p / q;
    }

    /// <summary>Logistic function 1 / (1 + e⁻ˣ) = ½ + ½·tanh(x/2).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Sigmoid(Vector512<float> x)
    {
        var half = Vector512.Create(0.5f);
        return Vector512.FusedMultiplyAdd(half, Tanh(half * x), half);
    }
}
