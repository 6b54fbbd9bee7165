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

    /// <summary>Of x¹³ down to x.</summary>
    private static ReadOnlySpan<float> Numerator =>
    [
        -2.76076847742355e-16f, 2.00018790482477e-13f, -8.60467152213735e-11f, 5.12229709037114e-08f,
        1.48572235717979e-05f, 6.37261928875436e-04f, 4.89352455891786e-03f,
    ];

    /// <summary>Of x⁶ down to 1.</summary>
    private static ReadOnlySpan<float> Denominator => [1.19825839466702e-06f, 1.18534705686654e-04f, 2.26843463243900e-03f, 4.89352518554385e-03f];

    /// <summary>
    /// Hyperbolic tangent to about 3·10⁻⁷, NaN for NaN: the rational minimax approximation of degrees 13 and 6 that Eigen uses
    /// (Eigen 3.4, <c>generic_fast_tanh_float</c>).
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Tanh(Vector512<float> x)
    {
        if (!Vector256.IsHardwareAccelerated)
            return CalledTanh(x);

        x = Limited(x);
        var square = x * x;
        return x * Polynomial(square, Numerator) / Polynomial(square, Denominator);
    }

    /// <summary>
    /// The same, not inlined: where sixteen lanes are four registers (ARM, and x64 without AVX2), five of them are more than the compiler inlines
    /// into one method. From some point on it calls a function for each sum and product, a hundred in place of five. The lines stand
    /// here once more, because of a method that only calls them it would not inline all either.
    /// </summary>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static Vector512<float> CalledTanh(Vector512<float> x)
    {
        x = Limited(x);
        var square = x * x;
        return x * Polynomial(square, Numerator) / Polynomial(square, Denominator);
    }

    /// <summary>Logistic function 1 / (1 + e⁻ˣ) = ½ + ½·tanh(x/2).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Sigmoid(Vector512<float> x)
    {
        var half = Vector512.Create(0.5f);
        return Vector512.FusedMultiplyAdd(half, Tanh(half * x), half);
    }

    /// <summary>NaN stays: x64 returns the second argument when either is NaN, ARM the one that is.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Limited(Vector512<float> x) =>
        Vector512.MinNative(Vector512.Create(TanhLimit), Vector512.MaxNative(Vector512.Create(-TanhLimit), x));

    /// <summary>Horner's scheme, as a loop, which has fewer calls to inline than a line for each term.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Polynomial(Vector512<float> x, ReadOnlySpan<float> coefficients)
    {
        var sum = Vector512.Create(coefficients[0]);
        for (var k = 1; k < coefficients.Length; k++)
            sum = Vector512.FusedMultiplyAdd(sum, x, Vector512.Create(coefficients[k]));
        return sum;
    }
}
