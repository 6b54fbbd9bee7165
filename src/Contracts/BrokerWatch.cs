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

    /// <summary>Each look costs both sides a connection, and two hundred programs may start at once.</summary>
    private static readonly TimeSpan LongestInterval = TimeSpan.FromSeconds(20);

    /// <summary>
    /// Time in which the broker answers this watch at once, and the start says nothing to it. On a busy machine neither is quick, and the start is waited for: given up
    /// it would begin anew, and the load would never fall.
    /// </summary>
    private static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(20);

    /// <summary>The same, of a broker that takes connections and says nothing.</summary>
    private static readonly TimeSpan LongestUnready = TimeSpan.FromSeconds(60);

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

        var (silent, unready, interval) = (TimeSpan.Zero, TimeSpan.Zero, Interval);
        var sent = BrokerSocket.Sent;
        try
        {
            while (silent < LongestSilence && unready < LongestUnready)
            {
                var looked = Stopwatch.GetTimestamp();
                await Task.Delay(interval, started);
                var late = Stopwatch.GetElapsedTime(looked) > interval + Interval / 2;
                var now = BrokerSocket.Sent;
                var answer = await Ask(broker, started);
                if (answer.Refusal is { } refusal)
                    End(refusal, Startup.Unusable);
                if (now - sent > Silence || answer.State is State.Away)
                    silent = unready = TimeSpan.Zero;
                else if (late)
                    interval = 2 * interval < LongestInterval ? 2 * interval : LongestInterval;
                else if (answer.State is State.Works)
                    silent += Stopwatch.GetElapsedTime(looked);
                else
                    unready += Stopwatch.GetElapsedTime(looked);
                sent = BrokerSocket.Sent; // What this look has said is none of the start's.
            }
        }
        catch (OperationCanceledException)
        {
            return;
        }

        End($"{broker.Place} answers, but for {(silent + unready).TotalSeconds:0} s the start has got nowhere: it is given up, start again.", Startup.Restart);
    }

    private static void End(string sentence, int status)
    {
        Console.Error.WriteLine(PlainText.Of(sentence));
        Environment.Exit(status);
    }

    /// <returns>Null also when the broker is away or slow.</returns>
    private static async Task<string?> RefusalAtOnce(BrokerAddress broker)
    {
        using var limit = new CancellationTokenSource(Interval);
        try
        {
            return (await Ask(broker, limit.Token)).Refusal;
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    /// <returns>Whether the broker lets this user make a queue, within the interval; and why it does not, or why this program does not trust it, where that is said.</returns>
    private static async Task<(State State, string? Refusal)> Ask(BrokerAddress broker, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Interval);
        try
        {
            // The client does not wait for the answer about the virtual host before it asks for a channel.
            await using var connection = await Transport.ConnectionTo(broker).CreateConnectionAsync(limit.Token);
            await using var channel = await connection.CreateChannelAsync(cancellationToken: limit.Token);
            await channel.QueueDeclareAsync($"fedqueue-rights-{Guid.NewGuid():N}", durable: false, exclusive: true, autoDelete: true, cancellationToken: limit.Token);
            return (State.Works, null);
        }
        catch (OperationInterruptedException exception) when (exception.ShutdownReason is { ReplyCode: RabbitMQ.Client.Constants.NotAllowed } reason)
        {
            return (State.Unready, Startup.RefusalBecause(reason.ReplyText));
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            // Whatever else went wrong, MassTransit meets it too, says so and tries again.
            return (IsAway(exception) ? State.Away : State.Unready, BrokerRefusal.SentenceOf(exception, broker));
        }
    }

    private static bool IsAway(Exception? exception) => exception is SocketException || (exception?.InnerException is { } inner && IsAway(inner))
        || (exception is AggregateException several && several.InnerExceptions.Any(IsAway));

    private enum State
    {
        Works,

        /// <summary>It takes connections, and no more.</summary>
        Unready,

        /// <summary>Nothing listens there.</summary>
        Away,
    }
}
