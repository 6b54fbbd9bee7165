using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace FedQueue.Contracts;

/// <summary>Weights as they travel and are stored: little-endian float32, never JSON numbers.</summary>
public static class WeightBytes
{
    /// <summary>Encodes P values to 4·P bytes.</summary>
    public static byte[] From(ReadOnlySpan<float> weights)
    {
        var bytes = new byte[weights.Length * sizeof(float)];
        Write(weights, bytes);
        return bytes;
    }

    /// <summary>The 4·P bytes of P values, without a copy where the processor stores them in the same order; the values are not to change any more.</summary>
    public static ReadOnlyMemory<byte> AsBytes(float[] weights) => BitConverter.IsLittleEndian ? new BytesOf(weights).Memory : From(weights);

    /// <summary>Encodes P values into 4·P bytes.</summary>
    public static void Write(ReadOnlySpan<float> weights, Span<byte> bytes)
    {
        if (BitConverter.IsLittleEndian)
            MemoryMarshal.AsBytes(weights).CopyTo(bytes);
        else
            for (var i = 0; i < weights.Length; i++)
                BinaryPrimitives.WriteSingleLittleEndian(bytes[(i * sizeof(float))..], weights[i]);
    }

    /// <summary>The P values of 4·P bytes, without a copy where the processor stores them in the same order.</summary>
    public static ReadOnlySpan<float> AsFloats(ReadOnlySpan<byte> bytes) =>
        BitConverter.IsLittleEndian ? MemoryMarshal.Cast<byte, float>(bytes) : ToFloats(bytes);

    /// <summary>Decodes 4·P bytes to P values.</summary>
    /// <exception cref="ArgumentException">The length is no multiple of four.</exception>
    public static float[] ToFloats(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length % sizeof(float) != 0)
            throw new ArgumentException($"{bytes.Length} bytes are no whole number of float32 values.", nameof(bytes));

        var weights = new float[bytes.Length / sizeof(float)];
        if (BitConverter.IsLittleEndian)
            bytes.CopyTo(MemoryMarshal.AsBytes(weights.AsSpan()));
        else
            for (var i = 0; i < weights.Length; i++)
                weights[i] = BinaryPrimitives.ReadSingleLittleEndian(bytes[(i * sizeof(float))..]);
        return weights;
    }

    /// <summary>SHA-256 of the bytes, lower-case hex: the identity of a set of weights.</summary>
    public static string Sha256(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    /// <summary>SHA-256 of the bytes of P values.</summary>
    public static string Sha256(ReadOnlySpan<float> weights) => Sha256(BitConverter.IsLittleEndian ? MemoryMarshal.AsBytes(weights) : From(weights));

    /// <summary>An array of values as memory of bytes.</summary>
    private sealed class BytesOf(float[] weights) : MemoryManager<byte>
    {
        public override Span<byte> GetSpan() => MemoryMarshal.AsBytes(weights.AsSpan());

        public override unsafe MemoryHandle Pin(int elementIndex = 0)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)elementIndex, (uint)(weights.Length * sizeof(float)), nameof(elementIndex));
            var handle = GCHandle.Alloc(weights, GCHandleType.Pinned);
            return new MemoryHandle((byte*)handle.AddrOfPinnedObject() + elementIndex, handle);
        }

        /// <summary>The handle that <see cref="Pin"/> gave lets go of the array.</summary>
        public override void Unpin()
        {
        }

        protected override void Dispose(bool disposing)
        {
        }
    }
}
