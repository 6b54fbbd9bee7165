using System.Buffers;

namespace FedQueue.Aggregator.Storage;

/// <summary>Bytes that are needed for a moment: an array of megabytes for each would have the garbage collected all the time.</summary>
internal sealed class PooledBytes(int length) : IDisposable
{
    private byte[]? array = ArrayPool<byte>.Shared.Rent(length);

    /// <summary>Not to be used after this is disposed.</summary>
    public Memory<byte> Memory => array.AsMemory(0, length);

    public void Dispose()
    {
        if (array is not null)
            ArrayPool<byte>.Shared.Return(array);
        array = null;
    }
}
