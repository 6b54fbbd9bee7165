using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Runtime.Serialization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using MassTransit.Serialization;

namespace FedQueue.Contracts;

/// <summary>
/// A message that carries weights, as bytes: the mark <c>FQW1</c>, the length of the JSON that follows as little-endian int32,
/// the message in JSON without its weights, the weights as they are. A message that was read holds the bytes that it was read from.
/// </summary>
internal static class MessageFrame
{
    private const string Weights = nameof(RoundStarted.Weights);

    private static readonly JsonSerializerOptions Json = new(SystemTextJsonMessageSerializer.Options)
    {
        WriteIndented = false,
        TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { LeaveWeightsOut } },
    };

    private static ReadOnlySpan<byte> Mark => "FQW1"u8;

    private static int HeadLength => Mark.Length + sizeof(int);

    /// <returns>Whether messages of the type carry weights.</returns>
    public static bool Fits(Type message) => message.GetProperty(Weights)?.PropertyType == typeof(ReadOnlyMemory<byte>);

    /// <returns>The frame; not a new one when the weights lie in the very one already.</returns>
    public static byte[] Write<T>(T message) where T : class
    {
        var head = HeadOf(message);
        var weights = (ReadOnlyMemory<byte>)Property(typeof(T)).Get!(message)!;
        if (MemoryMarshal.TryGetArray(weights, out var found) && found is { Array: { } array } && found.Offset == head.Length
            && array.Length == head.Length + weights.Length && array.AsSpan().StartsWith(head))
            return array;

        var frame = Framed(head, weights.Length);
        weights.CopyTo(frame.AsMemory(head.Length));
        return frame;
    }

    /// <returns>Room for the weights of the message within its frame, so that they need not be copied to be sent, however often.</returns>
    public static Memory<byte> RoomIn<T>(T message, int length) where T : class
    {
        var head = HeadOf(message);
        return Framed(head, length).AsMemory(head.Length);
    }

    /// <exception cref="SerializationException">The bytes are no such frame.</exception>
    public static object Read(Type type, ReadOnlyMemory<byte> frame)
    {
        if (frame.Length < HeadLength || !frame.Span.StartsWith(Mark))
            throw new SerializationException($"A {type.Name} does not begin with '{System.Text.Encoding.ASCII.GetString(Mark)}'.");
        var length = BinaryPrimitives.ReadInt32LittleEndian(frame.Span[Mark.Length..]);
        if (length < 0 || length > frame.Length - HeadLength)
            throw new SerializationException($"A {type.Name} of {frame.Length} bytes says that {length} of them are its JSON.");

        var message = JsonSerializer.Deserialize(frame.Span.Slice(HeadLength, length), type, Json)
            ?? throw new SerializationException($"A {type.Name} is null.");
        Property(type).Set!(message, frame[(HeadLength + length)..]);
        return message;
    }

    /// <summary>All that stands before the weights.</summary>
    private static byte[] HeadOf<T>(T message)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(message, Json);
        var head = new byte[HeadLength + json.Length];
        Mark.CopyTo(head);
        BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(Mark.Length), json.Length);
        json.CopyTo(head, HeadLength);
        return head;
    }

    private static byte[] Framed(byte[] head, int length)
    {
        var frame = GC.AllocateUninitializedArray<byte>(head.Length + length);
        head.CopyTo(frame, 0);
        return frame;
    }

    private static JsonPropertyInfo Property(Type type) =>
        Json.GetTypeInfo(type).Properties.First(property => property.PropertyType == typeof(ReadOnlyMemory<byte>));

    private static void LeaveWeightsOut(JsonTypeInfo type)
    {
        if (!Fits(type.Type))
            return;
        var weights = type.Properties.First(property => property.PropertyType == typeof(ReadOnlyMemory<byte>));
        weights.IsRequired = false;
        weights.ShouldSerialize = (_, _) => false;
    }
}
