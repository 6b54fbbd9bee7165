using System.Net.Sockets;
using RabbitMQ.Client;

namespace FedQueue.Contracts;

/// <summary>
/// A connection to RabbitMQ that takes what has arrived from the system in long stretches. The client reads 4 KiB at a time, so that a part
/// of 2 MB is five hundred calls to the system.
/// </summary>
internal sealed class BrokerSocket : TcpClientAdapter
{
    /// <summary>Bytes that the system may hold back: what it has taken shows within seconds also over a slow uplink, and a fast one is not slowed down.</summary>
    private const int SendBuffer = 256 * 1024;

    private static long sent;

    private BrokerSocket(Socket socket)
        : base(socket) => socket.SendBufferSize = SendBuffer;

    /// <summary>Bytes that this process has handed to the system for any broker.</summary>
    public static long Sent => Interlocked.Read(ref sent);

    /// <summary>Makes all connections of a factory such ones.</summary>
    public static void UseFor(ConnectionFactory connections) =>
        connections.SocketFactory = family => new BrokerSocket(ConnectionFactoryBase.DefaultSocketFactory(family).Client);

    public override NetworkStream GetStream() => new Stretches(Client);

    /// <summary>Has one reader, which reads as the client's pipe does.</summary>
    internal sealed class Stretches(Socket socket) : NetworkStream(socket)
    {
        /// <summary>Bytes; few enough to lie in the processor's nearer caches until they are copied on.</summary>
        internal const int Longest = 64 * 1024;

        private readonly byte[] arrived = new byte[Longest];
        private int first;
        private int last;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            first < last ? new(Take(buffer.Span)) : Receive(buffer, cancellationToken);

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            // In stretches, so that it shows how far a large message has come.
            for (var rest = buffer; rest.Length > 0;)
            {
                var some = rest[..Math.Min(rest.Length, Longest)];
                await base.WriteAsync(some, cancellationToken);
                Interlocked.Add(ref sent, some.Length);
                rest = rest[some.Length..];
            }
        }

        public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override int Read(Span<byte> buffer) => throw new NotSupportedException("What has arrived is read asynchronously.");

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        private async ValueTask<int> Receive(Memory<byte> buffer, CancellationToken cancellationToken)
        {
            var count = await base.ReadAsync(arrived, cancellationToken);
            (first, last) = (0, count);
            return Take(buffer.Span);
        }

        private int Take(Span<byte> buffer)
        {
            var taken = Math.Min(buffer.Length, last - first);
            arrived.AsSpan(first, taken).CopyTo(buffer);
            first += taken;
            return taken;
        }
    }
}
