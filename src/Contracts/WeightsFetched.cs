namespace FedQueue.Contracts;

/// <summary>One part of the weights that a worker asked for.</summary>
public sealed record WeightsFetched
{
    /// <summary>The part, little-endian float32.</summary>
    public required ReadOnlyMemory<byte> Weights { get; init; }
}
