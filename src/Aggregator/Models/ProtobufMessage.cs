using System.Text;

namespace FedQueue.Aggregator.Models;

/// <summary>
/// A message in protobuf's wire format (https://protobuf.dev/programming-guides/encoding/), as far as ONNX needs it. It is kept in
/// pieces, so that a tensor of megabytes is never copied from message to message.
/// </summary>
internal sealed class ProtobufMessage
{
    private const int Varint = 0;
    private const int LengthDelimited = 2;

    private readonly List<ReadOnlyMemory<byte>> pieces = [];

    /// <summary>The message, one after the other.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Pieces => pieces;

    public ProtobufMessage Add(int field, long value)
    {
        Write((ulong)(field << 3 | Varint));
        Write((ulong)value);
        return this;
    }

    public ProtobufMessage Add(int field, string value) => Add(field, [Encoding.UTF8.GetBytes(value)]);

    public ProtobufMessage Add(int field, ProtobufMessage value) => Add(field, value.pieces);

    public ProtobufMessage Add(int field, IReadOnlyList<ReadOnlyMemory<byte>> value)
    {
        Write((ulong)(field << 3 | LengthDelimited));
        Write((ulong)value.Sum(piece => (long)piece.Length));
        pieces.AddRange(value);
        return this;
    }

    /// <summary>Seven bits a byte, the lowest first; the highest bit says that more follow.</summary>
    private void Write(ulong value)
    {
        List<byte> bytes = [];
        for (; value > 0x7F; value >>= 7)
            bytes.Add((byte)(value | 0x80));
        bytes.Add((byte)value);
        pieces.Add(bytes.ToArray());
    }
}
