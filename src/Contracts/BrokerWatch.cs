using System.Diagnostics;
using System.Net.Sockets;
using Microsoft.Extensions.Configuration;
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

    /// <summary>Many times what a start takes once the broker answers.</summary>
    private static readonly TimeSpan StartsWithin = TimeSpan.FromSeconds(20);

    /// <param name="services">The host's.</param>
    /// <param name="started">The start is over, or the program is told to stop.</param>
    public static async Task EndWhenStuck(IServiceProvider services, CancellationToken started)
    {
        if (Transport.ConnectionTo(services.GetRequiredService<IConfiguration>()) is not { } broker)
            return;

        // Rights may be missed only after the start: a worker makes its queues when it needs them.
        if (await RefusalAtOnce(broker) is { } atOnce)
            End(atOnce, Startup.Unusable);

        long? answers = null; // Since when.
        try
        {
            while (answers is null || Stopwatch.GetElapsedTime(answers.Value) < StartsWithin)
            {
                await Task.Delay(Interval, started);
                if (!await Answers(broker, started))
                {
                    answers = null;
                    continue;
                }

                answers ??= Stopwatch.GetTimestamp();
                if (await RefusalBy(broker, started) is { } refusal)
                    End(refusal, Startup.Unusable);
            }
        }
        catch (OperationCanceledException)
        {
            return;
        }

        End($"RabbitMQ at {broker.HostName}:{broker.Port} has answered for {StartsWithin.TotalSeconds:0} s, but the queues could not be set up: this start is given up, start again.",
            Startup.Restart);
    }

    private static void End(string sentence, int status)
    {
        Console.Error.WriteLine(PlainText.Of(sentence));
        Environment.Exit(status);
    }

    /// <returns>As <see cref="RefusalBy"/>; null also when the broker is away or slow.</returns>
    private static async Task<string?> RefusalAtOnce(ConnectionFactory broker)
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

    private static async Task<bool> Answers(ConnectionFactory broker, CancellationToken cancellationToken)
    {
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync(broker.HostName, broker.Port, cancellationToken);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <returns>Why the broker does not let this user into this virtual host; null when it does, or does not say.</returns>
    private static async Task<string?> RefusalBy(ConnectionFactory broker, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Interval);
        try
        {
            // The client does not wait for the answer about the virtual host before it asks for a channel.
            await using var connection = await broker.CreateConnectionAsync(limit.Token);
            await using var channel = await connection.CreateChannelAsync(cancellationToken: limit.Token);
            await channel.QueueDeclareAsync($"fedqueue-rights-{Guid.NewGuid():N}", durable: false, exclusive: true, autoDelete: true, cancellationToken: limit.Token);
            return null;
        }
        catch (OperationInterruptedException exception) when (exception.ShutdownReason is { ReplyCode: RabbitMQ.Client.Constants.AccessRefused } reason)
        {
            return $"RabbitMQ does not let user '{broker.UserName}' make queues in virtual host '{broker.VirtualHost}' ({reason.ReplyText.TrimEnd('.')}); "
                + "give it the rights to configure, write and read there (rabbitmqctl set_permissions).";
        }
        catch (OperationInterruptedException exception) when (exception.ShutdownReason is { ReplyCode: RabbitMQ.Client.Constants.NotAllowed } reason)
        {
            return Startup.RefusalBecause(reason.ReplyText);
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            // Whatever else went wrong, MassTransit meets it too, says so and tries again.
            return null;
        }
    }
}
