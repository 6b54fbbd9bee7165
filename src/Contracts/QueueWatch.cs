using System.Collections.Concurrent;
using MassTransit;
using Microsoft.Extensions.Hosting;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace FedQueue.Contracts;

/// <summary>
/// Ends the program when the broker works and a queue that the program should read has no reader: MassTransit may lose a receive
/// endpoint for good when the connection breaks, and calls it healthy
/// (https://github.com/MassTransit/MassTransit/issues/5692 and 6095). Whoever looks after the program (compose: restart
/// on-failure) starts it again.
/// </summary>
/// <param name="broker">How to reach the broker.</param>
/// <param name="place">The broker, for people.</param>
/// <param name="link">Is told how the connection stands.</param>
/// <param name="end">Is told, once, why the program must end.</param>
/// <param name="clock">Says when to look.</param>
internal sealed class QueueWatch(IConnectionFactory broker, string place, BrokerLink link, Action<string> end, TimeProvider clock) : BackgroundService, IReceiveEndpointObserver
{
    internal static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LookLimit = TimeSpan.FromSeconds(5);

    /// <summary>With the interval several times what a reconnection takes once the broker answers.</summary>
    private const int LooksBeforeTheEnd = 4;

    /// <summary>How often in a row a queue was found without a reader; null before it had one, as a temporary queue that nobody has needed yet.</summary>
    private readonly ConcurrentDictionary<string, int?> unread = [];

    private IChannel? channel;

    public Task Ready(ReceiveEndpointReady ready)
    {
        // RabbitMQ logs an error whenever somebody looks at a queue that another connection has for itself, or that is not there because nobody has needed it.
        if (!ready.InputAddress.Query.Contains("temporary=true", StringComparison.Ordinal))
            Begin(QueueOf(ready.InputAddress));
        return Task.CompletedTask;
    }

    public Task Stopping(ReceiveEndpointStopping stopping)
    {
        unread.TryRemove(QueueOf(stopping.InputAddress), out _);
        return Task.CompletedTask;
    }

    // The connection is lost: it must come back.
    public Task Completed(ReceiveEndpointCompleted completed) => Task.CompletedTask;

    public Task Faulted(ReceiveEndpointFaulted faulted) => Task.CompletedTask;

    /// <summary>Once it has a reader, the queue must not lose it.</summary>
    internal void Begin(string queue) => unread.TryAdd(queue, null);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        IConnection? connection = null;
        string? blocked = null;
        while (!unread.Values.Any(looks => looks >= LooksBeforeTheEnd))
        {
            await Task.Delay(Interval, clock, stoppingToken);
            try
            {
                await BrokerCall.Limited(async limited =>
                {
                    if (connection is null)
                    {
                        connection = await broker.CreateConnectionAsync(limited);
                        (blocked, channel) = (null, null);
                        connection.ConnectionBlockedAsync += (_, alarm) => Blocked($"{place} takes no messages ({alarm.Reason})");
                        connection.ConnectionUnblockedAsync += (_, _) => Blocked(null);
                    }

                    // A broker with an alarm reads nothing more of who publishes, and answers nothing; it says so to who does.
                    if (blocked is null)
                        await Look(connection, limited);
                    else if (!connection.IsOpen)
                        throw new BrokerUnreachableException(new IOException("the connection was closed"));
                }, LookLimit, stoppingToken);
                link.Stands(blocked);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                // A broker that is away is waited for; once it is back, everybody has the whole time to be back too.
                foreach (var queue in unread.Keys)
                    Update(queue, looks => looks is null ? null : 0);
                if (blocked is not null && connection is { IsOpen: true })
                    continue;
                link.Stands($"{place} does not answer ({exception.GetBaseException().Message.TrimEnd('.')})");
                connection?.Dispose();
                connection = null;
            }
        }

        var forgotten = string.Join(", ", unread.Where(queue => queue.Value >= LooksBeforeTheEnd).Select(queue => queue.Key));
        end($"RabbitMQ works, but for {(LooksBeforeTheEnd * Interval).TotalSeconds:0} s nobody has read {forgotten}: the connection was not taken up again. The program ends; start it again.");
        connection?.Dispose();

        Task Blocked(string? why)
        {
            blocked = why;
            link.Stands(why);
            return Task.CompletedTask;
        }
    }

    private async Task Look(IConnection connection, CancellationToken cancellationToken)
    {
        // To nobody: an alarm is told to connections that publish.
        await (await Channel(connection, cancellationToken)).BasicPublishAsync("", "fedqueue-nobody", ReadOnlyMemory<byte>.Empty, cancellationToken);
        foreach (var queue in unread.Keys)
            switch (await LookAt(await Channel(connection, cancellationToken), queue, cancellationToken))
            {
                case Seen.Read:
                    Update(queue, _ => 0);
                    break;
                case Seen.Unread:
                    Update(queue, looks => looks + 1);
                    break;
                default:
                    // Another connection has it for itself, so it is none of ours.
                    unread.TryRemove(queue, out _);
                    break;
            }
    }

    /// <summary>One for all looks, until the broker closes it because a queue is not there.</summary>
    private async Task<IChannel> Channel(IConnection connection, CancellationToken cancellationToken) =>
        channel is { IsOpen: true } ? channel : channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);

    private static async Task<Seen> LookAt(IChannel channel, string queue, CancellationToken cancellationToken)
    {
        try
        {
            return (await channel.QueueDeclarePassiveAsync(queue, cancellationToken)).ConsumerCount > 0 ? Seen.Read : Seen.Unread;
        }
        catch (OperationInterruptedException exception) when (exception.ShutdownReason?.ReplyCode == 404)
        {
            // A temporary queue that went with its last reader.
            return Seen.Unread;
        }
        catch (OperationInterruptedException exception) when (exception.ShutdownReason?.ReplyCode == 405)
        {
            return Seen.Locked;
        }
    }

    /// <summary>A queue that was given up meanwhile stays so.</summary>
    private void Update(string queue, Func<int?, int?> change)
    {
        if (unread.TryGetValue(queue, out var looks))
            unread.TryUpdate(queue, change(looks), looks);
    }

    private static string QueueOf(Uri address) => Uri.UnescapeDataString(address.Segments[^1]);

    private enum Seen
    {
        Read,
        Unread,

        /// <summary>Read by whoever has it for itself.</summary>
        Locked,
    }
}
