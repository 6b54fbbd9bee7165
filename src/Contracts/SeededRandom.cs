using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace FedQueue.Contracts;

/// <summary>
/// The generator behind initial weights, shuffling and generated data: SplitMix64 (Steele, Lea and Flood 2014). It is part of
/// the protocol: <see cref="Random"/> may change between versions of .NET, and then equal seeds would no longer give equal bits.
/// Only + − × ÷ and √ are used, which IEEE 754 rounds alike everywhere; a logarithm or a cosine differs between C libraries.
/// </summary>
public sealed class SeededRandom(ulong seed)
{
    private ulong state = seed;

    /// <summary>An independent stream for one purpose, such as <c>shuffle/3/task_001</c>.</summary>
    public static SeededRandom For(ulong seed, string purpose) =>
        new(BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes($"{seed}/{purpose}"))));

    /// <returns>What goes on to draw the same.</returns>
    public SeededRandom Copy() => new(state);

    /// <summary>64 random bits.</summary>
    public ulong NextBits()
    {
        state += 0x9E3779B97F4A7C15;
        var z = state;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>Uniform in [0, 1), a multiple of 2⁻⁵³.</summary>
    public double NextDouble() => (NextBits() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Uniform in [0, <paramref name="bound"/>), <paramref name="bound"/> at least 1.</summary>
    public int NextInt(int bound)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bound, 1);

        // The high half of bits × bound; its bias is below 2⁻³², far under what shuffling could notice.
        return (int)Math.BigMul(NextBits(), (ulong)bound, out _);
    }

    /// <summary>Mean 0, standard deviation 1: the sum of twelve uniform numbers less 6 (Irwin–Hall), so within ±6.</summary>
    public double NextNormal()
    {
        var sum = -6.0;
        for (var i = 0; i < 12; i++)
            sum += NextDouble();
        return sum;
    }

    /// <summary>Fisher and Yates' shuffle, in place.</summary>
    public void Shuffle(Span<int> values)
    {
        for (var last = values.Length - 1; last > 0; last--)
        {
            var other = NextInt(last + 1);
            (values[last], values[other]) = (values[other], values[last]);
        }
    }
}
