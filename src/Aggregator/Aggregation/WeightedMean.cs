using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using FedQueue.Contracts;

namespace FedQueue.Aggregator.Aggregation;

/// <summary>
/// Σ cₖ·wₖ / Σ cₖ of updates that come a few at a time, so that only these need to be in memory. The sums are in double precision
/// and in the order of the updates; equal updates in equal order give equal bits, however they are grouped and whatever the
/// processor and the number of threads, because no sum goes across weights.
/// </summary>
internal sealed class WeightedMean : IDisposable
{
    /// <summary>Weights that one thread takes at a time: so many that it is worth waking one.</summary>
    private const int ChunkLength = 32_768;

    /// <summary>Updates that are read beside each other: a processor foresees that reading goes on in about as many places.</summary>
    private const int Together = 8;

    /// <summary>How far ahead weights are asked for: four lines of the cache.</summary>
    private const int Ahead = 64;

    // From the pool: fresh memory would cost a page fault for each 4 KiB in every round.
    private double[] sums = [];
    private double total;
    private int bytes;

    /// <summary>Folds updates in, in their order. The sums take 8 bytes of each weight, and go to memory and back once for every eight updates.</summary>
    /// <param name="updates">
    /// Weights: little-endian float32, all finite, of one length; not copied, not modified. Coefficient: how much they count, &gt; 0.
    /// </param>
    /// <exception cref="ArgumentException">One is not as long as those before, or counts nothing. None was folded in.</exception>
    public void Add(params IReadOnlyList<(ReadOnlyMemory<byte> Weights, double Coefficient)> updates)
    {
        var length = LengthOf(updates);
        if (sums.Length < length / sizeof(float))
        {
            Dispose();
            sums = ArrayPool<double>.Shared.Rent(length / sizeof(float));
        }

        foreach (var some in updates.Chunk(Together))
            Fold(some, length);
    }

    /// <summary>Folds the last updates in, writes the mean of all and begins anew. When these are all there are, and few, their sums never leave the registers.</summary>
    /// <param name="mean">Little-endian float32, as long as the updates.</param>
    /// <param name="updates">As for <see cref="Add(IReadOnlyList{ValueTuple{ReadOnlyMemory{byte}, double}})"/>.</param>
    /// <exception cref="ArgumentException">The mean or an update is not as long as those before, an update counts nothing, or there is none. None was folded in.</exception>
    public void MoveTo(Memory<byte> mean, params IReadOnlyList<(ReadOnlyMemory<byte> Weights, double Coefficient)> updates)
    {
        var length = LengthOf(updates);
        if (total == 0 && updates.Count == 0)
            throw new ArgumentException("There is no update.", nameof(updates));
        if (mean.Length != length)
            throw new ArgumentException($"The mean has {length} bytes, not {mean.Length}.", nameof(mean));

        if (updates.Count > Together)
            Add([.. updates.SkipLast(Together)]);
        Fold([.. updates.TakeLast(Together)], length, mean);
        total = 0;
    }

    public void Dispose()
    {
        if (sums.Length > 0)
            ArrayPool<double>.Shared.Return(sums);
        sums = [];
    }

    private int LengthOf(IReadOnlyList<(ReadOnlyMemory<byte> Weights, double Coefficient)> updates)
    {
        var expected = total == 0 && updates.Count > 0 ? updates[0].Weights.Length : bytes;
        foreach (var (weights, coefficient) in updates)
        {
            if (weights.Length != expected)
                throw new ArgumentException($"The update has {weights.Length} bytes; {expected} were expected.", nameof(updates));
            if (!(coefficient > 0))
                throw new ArgumentException($"The update counts {coefficient}; more than 0 was expected.", nameof(updates));
        }

        return expected;
    }

    /// <summary>Adds updates to the sums or, where a mean is wanted, divides what comes out.</summary>
    private unsafe void Fold((ReadOnlyMemory<byte> Weights, double Coefficient)[] updates, int bytesOfEach, Memory<byte> mean = default)
    {
        var (begins, length) = (total == 0, bytesOfEach / sizeof(float));
        bytes = bytesOfEach;
        var coefficients = Array.ConvertAll(updates, update => update.Coefficient);
        foreach (var coefficient in coefficients)
            total += coefficient;

        var pinned = new MemoryHandle[updates.Length];
        using var target = mean.Pin();
        var result = (nint)target.Pointer;
        try
        {
            for (var k = 0; k < pinned.Length; k++)
                pinned[k] = updates[k].Weights.Pin();
            if (length <= ChunkLength)
                Chunk(0);
            else
                Parallel.For(0, (length + ChunkLength - 1) / ChunkLength, Chunk);
        }
        finally
        {
            foreach (var handle in pinned)
                handle.Dispose();
        }

        void Chunk(int chunk)
        {
            var start = chunk * ChunkLength;
            var weights = stackalloc float*[pinned.Length];
            for (var k = 0; k < pinned.Length; k++)
                weights[k] = (float*)pinned[k].Pointer + start;
            fixed (double* all = sums)
            {
                double* before = begins ? null : all + start, after = mean.IsEmpty ? all + start : null;
                Fold(weights, coefficients, before, after, (float*)result + start, total, Math.Min(ChunkLength, length - start));
            }
        }
    }

    /// <summary>
    /// A few sums stay in registers while one update after the other is added to them. Multiplied and added apart, as every version
    /// has done it: a fused step may have other bits.
    /// </summary>
    /// <param name="updates">The weights of each.</param>
    /// <param name="coefficients">One of each update.</param>
    /// <param name="before">What the sums begin with; null for zeros.</param>
    /// <param name="after">Where the sums go; null where their mean is wanted.</param>
    /// <param name="mean">Where the mean goes.</param>
    /// <param name="total">What the mean is divided by.</param>
    /// <param name="length">Weights of an update.</param>
    private static unsafe void Fold(float** updates, ReadOnlySpan<double> coefficients, double* before, double* after, float* mean, double total, int length)
    {
        var (by, reciprocal) = (new Vector<double>(total), new Vector<double>(1 / total));
        nint i = 0, half = Vector<double>.Count, whole = Vector<float>.Count;
        if (BitConverter.IsLittleEndian)
            for (; i <= length - 2 * whole; i += 2 * whole)
            {
                var (a, b, c, d) = before is null
                    ? default
                    : (Vector.Load(before + i), Vector.Load(before + i + half), Vector.Load(before + i + whole), Vector.Load(before + i + whole + half));
                for (var k = 0; k < coefficients.Length; k++)
                {
                    var weights = updates[k] + i;
                    var coefficient = new Vector<double>(coefficients[k]);

                    // A processor does not foresee as far by itself. Only a hint: nothing is read, so it may lie behind the end.
                    if (Sse.IsSupported)
                        Sse.Prefetch0(weights + Ahead);
                    Vector.Widen(Vector.Load(weights), out var first, out var second);
                    Vector.Widen(Vector.Load(weights + whole), out var third, out var fourth);
                    (a, b, c, d) = (a + coefficient * first, b + coefficient * second, c + coefficient * third, d + coefficient * fourth);
                }

                if (after is null)
                {
                    Vector.Narrow(Quotient(a, by, reciprocal), Quotient(b, by, reciprocal)).Store(mean + i);
                    Vector.Narrow(Quotient(c, by, reciprocal), Quotient(d, by, reciprocal)).Store(mean + i + whole);
                }
                else
                {
                    a.Store(after + i);
                    b.Store(after + i + half);
                    c.Store(after + i + whole);
                    d.Store(after + i + whole + half);
                }
            }

        for (; i < length; i++)
        {
            var sum = before is null ? 0 : before[i];
            for (var k = 0; k < coefficients.Length; k++)
                sum += coefficients[k] * BinaryPrimitives.ReadSingleLittleEndian(new ReadOnlySpan<byte>(updates[k] + i, sizeof(float)));
            if (after is null)
                BinaryPrimitives.WriteSingleLittleEndian(new Span<byte>(mean + i, sizeof(float)), (float)(sum / total));
            else
                after[i] = sum;
        }
    }

    /// <summary>
    /// The bits of a division in less time: a quotient that is off by less than an ulp, plus its remainder times the correctly rounded
    /// reciprocal, is correctly rounded (Markstein 1990, "Computation of elementary functions on the IBM RISC System/6000 processor").
    /// The first correction brings it so near. Sums of float32 are zero or far from where doubles get inexact.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<double> Quotient(Vector<double> dividend, Vector<double> by, Vector<double> reciprocal)
    {
        // Without the instruction, multiplying and adding with one rounding is a function of the C library.
        return Fma.IsSupported || AdvSimd.IsSupported ? Corrected(Corrected(dividend * reciprocal)) : dividend / by;

        Vector<double> Corrected(Vector<double> quotient) =>
            Vector.FusedMultiplyAdd(Vector.FusedMultiplyAdd(-quotient, by, dividend), reciprocal, quotient);
    }
}
