using System.Buffers;
using System.Text;

namespace FedQueue.Aggregator.Models;

/// <summary>A message in protobuf's wire format (https://protobuf.dev/programming-guides/encoding/), as far as ONNX needs it.</summary>
internal sealed class ProtobufMessage
{
    private const int Varint = 0;
    private const int LengthDelimited = 2;

    private readonly ArrayBufferWriter<byte> bytes = new();

    public ProtobufMessage Add(int field, long value)
    {
        Write((ulong)(field << 3 | Varint));
        Write((ulong)value);
        return this;
    }

    public ProtobufMessage Add(int field, string value) => Add(field, Encoding.UTF8.GetBytes(value));

    public ProtobufMessage Add(int field, ProtobufMessage value) => Add(field, value.ToArray());

    public ProtobufMessage Add(int field, byte[] value)
    {
        Write((ulong)(field << 3 | LengthDelimited));
        Write((ulong)value.Length);
        bytes.Write(value);
        return this;
    }

    public byte[] ToArray() => bytes.WrittenSpan.ToArray();

    /// <summary>Seven bits a byte, the lowest first; the highest bit says that more follow.</summary>
    private void Write(ulong value)
    {
        for (; value > 0x7F; value >>= 7)
            bytes.Write([(byte)(value | 0x80)]);
        bytes.Write([(byte)value]);
    }
}
