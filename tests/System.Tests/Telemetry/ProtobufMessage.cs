using System.Buffers.Binary;
using System.Text;

namespace FedQueue.System.Tests.Telemetry;

/// <summary>The fields of one protobuf message in their order; as much of the format as OTLP needs.</summary>
internal sealed record ProtobufMessage(ReadOnlyMemory<byte> Bytes)
{
    public IEnumerable<ProtobufMessage> Messages(int field) => Fields().Where(f => f.Number == field).Select(f => new ProtobufMessage(f.Bytes));

    /// <summary>The message in a field; an empty one when the field is not there.</summary>
    public ProtobufMessage Message(int field) => Messages(field).FirstOrDefault() ?? new(ReadOnlyMemory<byte>.Empty);

    public string Text(int field) => Encoding.UTF8.GetString(Message(field).Bytes.Span);

    public string Hex(int field) => Convert.ToHexStringLower(Message(field).Bytes.Span);

    /// <summary>A number of any kind, as its bits.</summary>
    public ulong Number(int field) => Fields().FirstOrDefault(f => f.Number == field).Value;

    public double Double(int field) => BitConverter.UInt64BitsToDouble(Number(field));

    public bool Has(int field) => Fields().Any(f => f.Number == field);

    private List<(int Number, ReadOnlyMemory<byte> Bytes, ulong Value)> Fields()
    {
        var fields = new List<(int, ReadOnlyMemory<byte>, ulong)>();
        for (var at = 0; at < Bytes.Length;)
        {
            var key = Varint(ref at);
            var number = (int)(key >> 3);
            switch (key & 7)
            {
                case 0:
                    fields.Add((number, default, Varint(ref at)));
                    break;
                case 1:
                    fields.Add((number, default, BinaryPrimitives.ReadUInt64LittleEndian(Bytes.Span[at..])));
                    at += sizeof(ulong);
                    break;
                case 2:
                    var length = (int)Varint(ref at);
                    fields.Add((number, Bytes.Slice(at, length), 0));
                    at += length;
                    break;
                case 5:
                    fields.Add((number, default, BinaryPrimitives.ReadUInt32LittleEndian(Bytes.Span[at..])));
                    at += sizeof(uint);
                    break;
                case var kind:
                    throw new FormatException($"Field {number} is of kind {kind}, which protobuf does not have.");
            }
        }

        return fields;
    }

    private ulong Varint(ref int at)
    {
        for (var (value, shift) = (0UL, 0); ; shift += 7)
        {
            var digits = Bytes.Span[at++];
            value |= (ulong)(digits & 0x7f) << shift;
            if (digits < 0x80)
                return value;
        }
    }
}
