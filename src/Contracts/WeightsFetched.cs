namespace FedQueue.Contracts;

/// <summary>One part of the weights that a worker asked for.</summary>
public sealed record WeightsFetched
{
    /// <summary>The part, little-endian float32.</summary>
    public required ReadOnlyMemory<byte> Weights { get; init; }

    /// <summary>Room for the weights of such a message. Those that are written there are not copied to be sent, so that one part can be sent to everybody.</summary>
    /// <param name="length">Bytes of the weights.</param>
    public static Memory<byte> Room(int length) => MessageFrame.RoomIn(new WeightsFetched { Weights = default }, length);
}
