using System.Runtime.CompilerServices;
using MassTransit;
using MassTransit.Serialization;

namespace FedQueue.Contracts;

/// <summary>The bytes of a message as the transport has them, without the copy that MassTransit makes for everybody who asks.</summary>
internal static class LentBytes
{
    /// <returns>Valid until the message is handled; the transport's buffer is then filled with another one.</returns>
    public static ReadOnlyMemory<byte> Of(MessageBody body) => body is MemoryMessageBody lent ? MemoryOf(lent) : body.GetBytes();

    /// <summary>
    /// MassTransit has no public way to it. The copies of 100 parts of 2 MB, each a new array, had the collector stop the aggregator for
    /// a seventh of every round (docs/performance.md); a test says when a newer MassTransit names the field otherwise.
    /// </summary>
    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_memory")]
    private static extern ref ReadOnlyMemory<byte> MemoryOf(MemoryMessageBody body);
}
