using System.Net.Sockets;
using RabbitMQ.Client;

namespace FedQueue.Contracts;

/// <summary>
/// A connection to RabbitMQ that takes what has arrived from the system in long stretches. The client reads 4 KiB at a time, so that a part
/// of 2 MB is five hundred calls to the system.
/// </summary>
internal sealed class BrokerSocket : TcpClientAdapter
{
    private BrokerSocket(Socket socket)
        : base(socket)
    {
    }

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
