using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using FedQueue.Contracts;

namespace FedQueue.System.Tests.Queue;

public sealed class BrokerSocketTests : IAsyncLifetime
{
    private const int ReadAtOnce = 4096;

    private readonly CancellationTokenSource limit = new(Hang.Limit);
    private readonly Socket listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly Socket client = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private Socket broker = null!;
    private BrokerSocket.Stretches stream = null!;

    private CancellationToken Limit => limit.Token;

    public async Task InitializeAsync()
    {
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        await client.ConnectAsync(listener.LocalEndPoint!, Limit);
        broker = await listener.AcceptAsync(Limit);
        stream = new BrokerSocket.Stretches(client);
    }

    public async Task DisposeAsync()
    {
        await stream.DisposeAsync();
        broker.Dispose();
        client.Dispose();
        listener.Dispose();
        limit.Dispose();
    }

    [Fact]
    public async Task Every_byte_that_was_sent_is_read_once_and_in_its_order()
    {
        var sent = new byte[1_000_003];
        new Random(1).NextBytes(sent);
        var sending = Task.Run(
            async () =>
            {
                for (var (from, length) = (0, 1); from < sent.Length; from += length, length = length * 3 % 99_991)
                {
                    length = Math.Min(length, sent.Length - from);
                    await broker.SendAsync(sent.AsMemory(from, length), Limit);
                }

                broker.Shutdown(SocketShutdown.Send);
            },
            Limit);

        // As the client reads; a pipe that copies to its end takes more at once.
        var (reader, read) = (PipeReader.Create(stream), new ArrayBufferWriter<byte>());
        for (var ended = false; !ended;)
        {
            var result = await reader.ReadAsync(Limit);
            foreach (var segment in result.Buffer)
                read.Write(segment.Span);
            reader.AdvanceTo(result.Buffer.End);
            ended = result.IsCompleted;
        }

        await sending;

        Assert.True(sent.AsSpan().SequenceEqual(read.WrittenSpan));
    }

    [Fact]
    public async Task A_short_read_takes_a_long_stretch_from_the_system()
    {
        await broker.SendAsync(new byte[BrokerSocket.Stretches.Longest + 1], Limit);
        await Eventually.Holds(() => Task.FromResult(client.Available > BrokerSocket.Stretches.Longest), () => $"{client.Available} bytes have arrived");

        Assert.Equal(ReadAtOnce, await stream.ReadAsync(new byte[ReadAtOnce], Limit));
        Assert.Equal(1, client.Available);
    }

    [Fact]
    public async Task A_read_that_was_cancelled_loses_nothing()
    {
        using var cancelled = new CancellationTokenSource();
        var waiting = stream.ReadAsync(new byte[ReadAtOnce], cancelled.Token);
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await waiting);

        await broker.SendAsync(new byte[] { 7, 8 }, Limit);
        var buffer = new byte[1];
        Assert.Equal(1, await stream.ReadAsync(buffer, Limit));
        Assert.Equal(7, buffer[0]);
        Assert.Equal(1, await stream.ReadAsync(buffer, Limit));
        Assert.Equal(8, buffer[0]);
    }
}
