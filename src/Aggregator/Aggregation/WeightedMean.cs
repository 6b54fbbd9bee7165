using System.Buffers;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
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

    /// <summary>Weights whose sums (16 KiB) stay in a core's nearest cache while one update after the other is added.</summary>
    private const int BlockLength = 2_048;

    // From the pool: fresh memory would cost a page fault for each 4 KiB in every round.
    private double[] sums = [];
    private double total;
    private int bytes;

    /// <summary>Folds updates in, in their order. The sums take 8 bytes of each weight, and go to memory and back once a call.</summary>
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

        InBlocks(length, (start, count) =>
        {
            var block = sums.AsSpan(start, count);
            if (total == 0)
                block.Clear();
            Add(updates, start, block);
        });
        bytes = length;
        total = Total(updates);
    }

    /// <summary>Folds the last updates in, writes the mean of all and begins anew. When these are all there are, their sums never leave the cache.</summary>
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

        var all = Total(updates);
        InBlocks(length, (start, count) =>
        {
            Span<float> values = stackalloc float[count];
            var block = total == 0 ? stackalloc double[count] : sums.AsSpan(start, count);
            if (total == 0)
                block.Clear();
            Add(updates, start, block);
            Divide(block, all, values);
            WeightBytes.Write(values, mean.Span.Slice(start * sizeof(float), count * sizeof(float)));
        });
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

    private double Total(IReadOnlyList<(ReadOnlyMemory<byte> Weights, double Coefficient)> updates)
    {
        var sum = total;
        foreach (var (_, coefficient) in updates)
            sum += coefficient;
        return sum;
    }

    /// <param name="updates">All of them, of which it takes those weights that the sums are of.</param>
    /// <param name="start">First weight.</param>
    /// <param name="sums">What was there before, and then with the updates.</param>
    private static void Add(IReadOnlyList<(ReadOnlyMemory<byte> Weights, double Coefficient)> updates, int start, Span<double> sums)
    {
        var length = sums.Length;
        for (var k = 0; k < updates.Count; k += 2)
        {
            // The last of an odd number is beside itself, counted not at all.
            var (first, second) = (updates[k], k + 1 < updates.Count ? updates[k + 1] : updates[k] with { Coefficient = 0 });
            Add(Floats(first.Weights), first.Coefficient, Floats(second.Weights), second.Coefficient, sums);
        }

        ReadOnlySpan<float> Floats(ReadOnlyMemory<byte> weights) =>
            WeightBytes.AsFloats(weights.Span.Slice(start * sizeof(float), length * sizeof(float)));
    }

    /// <summary>
    /// Two updates at once, because reading and writing the sums takes longer than adding. Multiplied and added apart, as every
    /// version has done it: a fused step may have other bits.
    /// </summary>
    private static void Add(ReadOnlySpan<float> first, double firstCoefficient, ReadOnlySpan<float> second, double secondCoefficient, Span<double> sums)
    {
        // Checked once, because a check at each access takes longer than the sums.
        second = second[..first.Length];
        sums = sums[..first.Length];
        ref var a = ref MemoryMarshal.GetReference(first);
        ref var b = ref MemoryMarshal.GetReference(second);
        ref var sum = ref MemoryMarshal.GetReference(sums);
        var (times, secondTimes) = (new Vector<double>(firstCoefficient), new Vector<double>(secondCoefficient));
        var (i, half) = (0, Vector<double>.Count);
        for (; i <= first.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            FetchForNextBlock(ref a, i);
            FetchForNextBlock(ref b, i);
            Vector.Widen(Vector.LoadUnsafe(ref a, (nuint)i), out var low, out var high);
            Vector.Widen(Vector.LoadUnsafe(ref b, (nuint)i), out var secondLow, out var secondHigh);
            (Vector.LoadUnsafe(ref sum, (nuint)i) + times * low + secondTimes * secondLow).StoreUnsafe(ref sum, (nuint)i);
            (Vector.LoadUnsafe(ref sum, (nuint)(i + half)) + times * high + secondTimes * secondHigh).StoreUnsafe(ref sum, (nuint)(i + half));
        }

        for (; i < first.Length; i++)
            sums[i] = sums[i] + firstCoefficient * first[i] + secondCoefficient * second[i];
    }

    /// <summary>
    /// A processor foresees that reading goes on in a row, but not that it comes back to this update one block later: each block would begin by
    /// waiting for memory. Only a hint: nothing is read, so it may lie behind the end.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe void FetchForNextBlock(ref float update, int i)
    {
        if (Sse.IsSupported)
            Sse.Prefetch1((float*)Unsafe.AsPointer(ref update) + i + BlockLength);
    }

    /// <summary>
    /// The bits of a division in less time: a quotient that is off by less than an ulp, plus its remainder times the correctly rounded
    /// reciprocal, is correctly rounded (Markstein 1990, "Computation of elementary functions on the IBM RISC System/6000 processor").
    /// The first correction brings it so near. Sums of float32 are zero or far from where doubles get inexact.
    /// </summary>
    private static void Divide(ReadOnlySpan<double> sums, double total, Span<float> mean)
    {
        sums = sums[..mean.Length];
        ref var sum = ref MemoryMarshal.GetReference(sums);
        ref var value = ref MemoryMarshal.GetReference(mean);
        var (by, reciprocal) = (new Vector<double>(total), new Vector<double>(1 / total));
        var i = 0;
        for (; i <= mean.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            var (low, high) = (Vector.LoadUnsafe(ref sum, (nuint)i), Vector.LoadUnsafe(ref sum, (nuint)(i + Vector<double>.Count)));
            Vector.Narrow(Quotient(low), Quotient(high)).StoreUnsafe(ref value, (nuint)i);
        }

        for (; i < mean.Length; i++)
            mean[i] = (float)(sums[i] / total);

        // Without the instruction, multiplying and adding with one rounding is a function of the C library.
        Vector<double> Quotient(Vector<double> dividend) => Fma.IsSupported || AdvSimd.IsSupported
            ? Corrected(dividend, Corrected(dividend, dividend * reciprocal))
            : dividend / by;

        Vector<double> Corrected(Vector<double> dividend, Vector<double> quotient) =>
            Vector.FusedMultiplyAdd(Vector.FusedMultiplyAdd(-quotient, by, dividend), reciprocal, quotient);
    }

    private static void InBlocks(int bytes, Action<int, int> work)
    {
        var length = bytes / sizeof(float);
        if (length <= ChunkLength)
            Chunk(0);
        else
            Parallel.For(0, (length + ChunkLength - 1) / ChunkLength, Chunk);

        void Chunk(int chunk)
        {
            var end = Math.Min(length, (chunk + 1) * ChunkLength);
            for (var start = chunk * ChunkLength; start < end; start += BlockLength)
                work(start, Math.Min(BlockLength, end - start));
        }
    }
}
