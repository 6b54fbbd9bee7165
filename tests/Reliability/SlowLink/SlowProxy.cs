using System.Net;
using System.Net.Sockets;

namespace FedQueue.Reliability.SlowLink;

/// <summary>
/// A network between a program and a broker, as a program sees it: so many bits a second each way for all of its connections together, a delay, and a standstill now and then, as
/// a connection has it that sends lost packets again.
/// </summary>
internal sealed class SlowProxy : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource stopping = new();
    private readonly Direction up;
    private readonly Direction down;
    private readonly (string Host, int Port) broker;
    private readonly Task accepting;

    /// <param name="broker">Where it leads.</param>
    /// <param name="kilobits">A second, each way.</param>
    /// <param name="delay">Each way.</param>
    /// <param name="standstills">Share of the packets after which nothing moves for a while.</param>
    public SlowProxy((string Host, int Port) broker, int kilobits, TimeSpan delay, double standstills)
    {
        this.broker = broker;
        (up, down) = (new(kilobits, delay, standstills, seed: 1), new(kilobits, delay, standstills, seed: 2));
        listener.Start();
        accepting = Accept();
    }

    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    /// <summary>Bytes that were sent to the broker.</summary>
    public long Sent => up.Bytes;

    /// <summary>Bytes that came from it.</summary>
    public long Received => down.Bytes;

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        listener.Stop();
        await accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        stopping.Dispose();
    }

    private async Task Accept()
    {
        while (true)
            _ = Join(await listener.AcceptTcpClientAsync(stopping.Token));
    }

    private async Task Join(TcpClient client)
    {
        using var near = client;
        using var far = new TcpClient();
        try
        {
            // What the system would take off a real network's hands at once is not there yet.
            (near.ReceiveBufferSize, far.ReceiveBufferSize) = (16 * 1024, 16 * 1024);
            await far.ConnectAsync(broker.Host, broker.Port, stopping.Token);
            await Task.WhenAny(up.Carry(near.GetStream(), far.GetStream(), stopping.Token), down.Carry(far.GetStream(), near.GetStream(), stopping.Token));
        }
        catch (Exception exception) when (exception is IOException or SocketException or OperationCanceledException)
        {
            // One end has gone, and the other is told by the closed connection.
        }
    }

    /// <summary>One way of the network, which all connections share.</summary>
    private sealed class Direction(int kilobits, TimeSpan delay, double standstills, int seed)
    {
        private const int Packet = 1448;

        private readonly SemaphoreSlim turn = new(1);
        private readonly Random random = new(seed);
        private long bytes;

        public long Bytes => Interlocked.Read(ref bytes);

        public async Task Carry(NetworkStream from, NetworkStream to, CancellationToken cancellationToken)
        {
            var delivering = Task.CompletedTask;
            while (true)
            {
                var packet = new byte[Packet];
                var read = await from.ReadAsync(packet, cancellationToken);
                if (read == 0)
                    break;
                await turn.WaitAsync(cancellationToken);
                try
                {
                    Interlocked.Add(ref bytes, read);
                    var time = TimeSpan.FromSeconds(read * 8 / (kilobits * 1000.0));
                    if (random.NextDouble() < standstills)
                        time += TimeSpan.FromMilliseconds(200 + random.Next(600));
                    await Task.Delay(time, cancellationToken);
                }
                finally
                {
                    turn.Release();
                }

                var (before, arrives, some) = (delivering, DateTime.UtcNow + delay, packet.AsMemory(0, read));
                delivering = Deliver();

                async Task Deliver()
                {
                    await before;
                    var left = arrives - DateTime.UtcNow;
                    if (left > TimeSpan.Zero)
                        await Task.Delay(left, cancellationToken);
                    await to.WriteAsync(some, cancellationToken);
                }
            }

            await delivering;
        }
    }
}
