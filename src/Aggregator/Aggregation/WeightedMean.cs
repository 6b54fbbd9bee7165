using System.Numerics;
using FedQueue.Contracts;

namespace FedQueue.Aggregator.Aggregation;

/// <summary>
/// Σ cₖ·wₖ / Σ cₖ of updates that are folded in one after the other, so that one at a time needs to be in memory. The sums are in
/// double precision and in the order of the updates; equal updates in equal order give equal bits, whatever the processor and the
/// number of threads, because no sum goes across weights.
/// </summary>
/// <param name="capacity">Longest update, in weights; the sums take 8 bytes of each.</param>
internal sealed class WeightedMean(int capacity)
{
    /// <summary>Weights that one thread takes at a time: so many that it is worth waking one, so few that they stay in its cache.</summary>
    private const int ChunkLength = 32_768;

    // The first update overwrites what is there.
    private readonly double[] sums = GC.AllocateUninitializedArray<double>(capacity);
    private double total;
    private int bytes;

    /// <summary>Folds an update in.</summary>
    /// <param name="update">Little-endian float32, all finite; not copied, not modified.</param>
    /// <param name="coefficient">How much it counts, &gt; 0.</param>
    /// <exception cref="ArgumentException">It is longer than the capacity, or not as long as the update before.</exception>
    public void Add(ReadOnlyMemory<byte> update, double coefficient)
    {
        if (update.Length > capacity * sizeof(float) || (total > 0 && update.Length != bytes))
            throw new ArgumentException($"The update has {update.Length} bytes; {(total > 0 ? bytes : capacity * sizeof(float))} were expected.", nameof(update));

        var isFirst = total == 0;
        bytes = update.Length;
        total += coefficient;
        InChunks((start, length) => Add(
            WeightBytes.AsFloats(update.Span.Slice(start * sizeof(float), length * sizeof(float))), coefficient, sums.AsSpan(start, length), isFirst));
    }

    /// <summary>Writes the mean of the updates and begins anew.</summary>
    /// <param name="mean">Little-endian float32, as long as the updates.</param>
    /// <exception cref="ArgumentException">It is not.</exception>
    public void MoveTo(Memory<byte> mean)
    {
        if (mean.Length != bytes || total == 0)
            throw new ArgumentException($"The mean has {bytes} bytes, not {mean.Length}.", nameof(mean));

        InChunks((start, length) =>
        {
            Span<float> values = stackalloc float[256];
            for (var from = start; from < start + length; from += values.Length)
            {
                var some = values[..Math.Min(values.Length, start + length - from)];
                Divide(sums.AsSpan(from, some.Length), total, some);
                WeightBytes.Write(some, mean.Span.Slice(from * sizeof(float), some.Length * sizeof(float)));
            }
        });
        total = 0;
    }

    /// <summary>Multiplied and added apart, as every version has done it: a fused step may have other bits.</summary>
    private static void Add(ReadOnlySpan<float> weights, double coefficient, Span<double> sums, bool isFirst)
    {
        var (i, half) = (0, Vector<double>.Count);
        var times = new Vector<double>(coefficient);
        for (; i <= weights.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            Vector.Widen(new Vector<float>(weights[i..]), out var low, out var high);
            var (before, behind) = isFirst ? (Vector<double>.Zero, Vector<double>.Zero) : (new(sums[i..]), new(sums[(i + half)..]));
            (before + times * low).CopyTo(sums[i..]);
            (behind + times * high).CopyTo(sums[(i + half)..]);
        }

        for (; i < weights.Length; i++)
            sums[i] = (isFirst ? 0 : sums[i]) + coefficient * weights[i];
    }

    private static void Divide(ReadOnlySpan<double> sums, double total, Span<float> mean)
    {
        var (i, by) = (0, new Vector<double>(total));
        for (; i <= mean.Length - Vector<float>.Count; i += Vector<float>.Count)
            Vector.Narrow(new Vector<double>(sums[i..]) / by, new Vector<double>(sums[(i + Vector<double>.Count)..]) / by).CopyTo(mean[i..]);
        for (; i < mean.Length; i++)
            mean[i] = (float)(sums[i] / total);
    }

    private void InChunks(Action<int, int> work)
    {
        var length = bytes / sizeof(float);
        if (length <= ChunkLength)
        {
            work(0, length);
            return;
        }

        Parallel.For(0, (length + ChunkLength - 1) / ChunkLength, chunk =>
            work(chunk * ChunkLength, Math.Min(ChunkLength, length - chunk * ChunkLength)));
    }
}
