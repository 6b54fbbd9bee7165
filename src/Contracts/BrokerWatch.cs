using System.Diagnostics;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace FedQueue.Contracts;

/// <summary>
/// Ends, with a sentence, a start that MassTransit would wait for for ever: a virtual host that is not there or not for this user, queues that it may not make, and
/// a connection that died while queues were declared. After the latter, whoever looks after the program (compose: restart on-failure)
/// starts it again.
/// </summary>
internal static class BrokerWatch
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    /// <summary>A start that says nothing to the broker for so long will say nothing any more; one on a busy machine says little, but something.</summary>
    private static readonly TimeSpan SilentFor = TimeSpan.FromSeconds(20);

    /// <summary>Bytes that are no progress: heartbeats.</summary>
    private const int Silence = 200;

    /// <param name="services">The host's.</param>
    /// <param name="started">The start is over, or the program is told to stop.</param>
    public static async Task EndWhenStuck(IServiceProvider services, CancellationToken started)
    {
        if (services.GetService<BrokerAddress>() is not { } broker)
            return;

        // Rights may be missed only after the start: a worker makes its queues when it needs them.
        if (await RefusalAtOnce(broker) is { } atOnce)
            End(atOnce, Startup.Unusable);

        long? answers = null; // Since when nothing came of it.
        var sent = BrokerSocket.Sent;
        try
        {
            while (answers is null || Stopwatch.GetElapsedTime(answers.Value) < SilentFor)
            {
                await Task.Delay(Interval, started);
                if (!await Answers(broker, started))
                {
                    answers = null;
                    continue;
                }

                var now = BrokerSocket.Sent;
                if (answers is null || now - sent > Silence)
                    (answers, sent) = (Stopwatch.GetTimestamp(), now);
                if (await RefusalBy(broker, started) is { } refusal)
                    End(refusal, Startup.Unusable);
                sent += BrokerSocket.Sent - now; // What this look has said is none of the start's.
            }
        }
        catch (OperationCanceledException)
        {
            return;
        }

        End($"{broker.Place} answers, but for {SilentFor.TotalSeconds:0} s the start has got nowhere: it is given up, start again.", Startup.Restart);
    }

    private static void End(string sentence, int status)
    {
        Console.Error.WriteLine(PlainText.Of(sentence));
        Environment.Exit(status);
    }

    /// <returns>As <see cref="RefusalBy"/>; null also when the broker is away or slow.</returns>
    private static async Task<string?> RefusalAtOnce(BrokerAddress broker)
    {
        using var limit = new CancellationTokenSource(Interval);
        try
        {
            return await Answers(broker, limit.Token) ? await RefusalBy(broker, limit.Token) : null;
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    private static async Task<bool> Answers(BrokerAddress broker, CancellationToken cancellationToken)
    {
        foreach (var node in broker.All())
        {
            using var client = new TcpClient();
            try
            {
                await client.ConnectAsync(node.HostName, node.Port, cancellationToken);
                return true;
            }
            catch (SocketException)
            {
                // Perhaps the next.
            }
        }

        return false;
    }

    /// <returns>Why the broker does not let this user into this virtual host, or this program does not trust the broker; null when all is well, or it does not say.</returns>
    private static async Task<string?> RefusalBy(BrokerAddress broker, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Interval);
        try
        {
            // The client does not wait for the answer about the virtual host before it asks for a channel.
            await using var connection = await Transport.ConnectionTo(broker).CreateConnectionAsync(limit.Token);
            await using var channel = await connection.CreateChannelAsync(cancellationToken: limit.Token);
            await channel.QueueDeclareAsync($"fedqueue-rights-{Guid.NewGuid():N}", durable: false, exclusive: true, autoDelete: true, cancellationToken: limit.Token);
            return null;
        }
        catch (OperationInterruptedException exception) when (exception.ShutdownReason is { ReplyCode: RabbitMQ.Client.Constants.NotAllowed } reason)
        {
            return Startup.RefusalBecause(reason.ReplyText);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            // Whatever else went wrong, MassTransit meets it too, says so and tries again.
            return BrokerRefusal.SentenceOf(exception, broker);
        }
    }
}
