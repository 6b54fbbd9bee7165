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
/// <param name="end">Is told, once, why the program must end.</param>
/// <param name="clock">Says when to look.</param>
internal sealed class QueueWatch(IConnectionFactory broker, Action<string> end, TimeProvider clock) : BackgroundService, IReceiveEndpointObserver
{
    internal static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LookLimit = TimeSpan.FromSeconds(5);

    /// <summary>RabbitMQ logs an error whenever somebody looks at another's queue or at one that is not there, so of such queues only one look in so many is taken.</summary>
    private const int Seldom = 15;

    /// <summary>With the interval several times what a reconnection takes once the broker answers.</summary>
    private const int LooksBeforeTheEnd = 4;

    /// <summary>How often in a row a queue was found without a reader; null before it had one, as a temporary queue that nobody has needed yet.</summary>
    private readonly ConcurrentDictionary<string, int?> unread = [];

    public Task Ready(ReceiveEndpointReady ready)
    {
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
        HashSet<string> seldom = [];
        for (var pass = 0; !unread.Values.Any(looks => looks >= LooksBeforeTheEnd); pass++)
        {
            await Task.Delay(Interval, clock, stoppingToken);
            try
            {
                await BrokerCall.Limited(async limited =>
                {
                    connection ??= await broker.CreateConnectionAsync(limited);
                    foreach (var queue in unread.Keys.Where(queue => pass % Seldom == 0 || !seldom.Contains(queue)))
                    {
                        var look = await LookAt(connection, queue, limited);
                        Update(queue, looks => look is Look.Unread ? looks + 1 : 0);
                        if (look is Look.Locked || (unread.TryGetValue(queue, out var looks) && looks is null))
                            seldom.Add(queue);
                        else
                            seldom.Remove(queue);
                    }
                }, LookLimit, stoppingToken);
            }
            catch (Exception) when (!stoppingToken.IsCancellationRequested)
            {
                // A broker that is away is waited for; once it is back, everybody has the whole time to be back too.
                foreach (var queue in unread.Keys)
                    Update(queue, looks => looks is null ? null : 0);
                connection?.Dispose();
                connection = null;
            }
        }

        var forgotten = string.Join(", ", unread.Where(queue => queue.Value >= LooksBeforeTheEnd).Select(queue => queue.Key));
        end($"RabbitMQ works, but for {(LooksBeforeTheEnd * Interval).TotalSeconds:0} s nobody has read {forgotten}: the connection was not taken up again. The program ends; start it again.");
        connection?.Dispose();
    }

    private static async Task<Look> LookAt(IConnection connection, string queue, CancellationToken cancellationToken)
    {
        await using var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
        try
        {
            return (await channel.QueueDeclarePassiveAsync(queue, cancellationToken)).ConsumerCount > 0 ? Look.Read : Look.Unread;
        }
        catch (OperationInterruptedException exception) when (exception.ShutdownReason?.ReplyCode == 404)
        {
            // A temporary queue that went with its last reader.
            return Look.Unread;
        }
        catch (OperationInterruptedException exception) when (exception.ShutdownReason?.ReplyCode == 405)
        {
            // Some connection has it for itself, so nobody else may look; an error here would hide all other queues.
            return Look.Locked;
        }
    }

    /// <summary>A queue that was given up meanwhile stays so.</summary>
    private void Update(string queue, Func<int?, int?> change)
    {
        if (unread.TryGetValue(queue, out var looks))
            unread.TryUpdate(queue, change(looks), looks);
    }

    private static string QueueOf(Uri address) => Uri.UnescapeDataString(address.Segments[^1]);

    private enum Look
    {
        Read,
        Unread,

        /// <summary>Read by whoever has it for itself.</summary>
        Locked,
    }
}
