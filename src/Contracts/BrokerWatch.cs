using System.Net.Sockets;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace FedQueue.Contracts;

/// <summary>
/// A connection that dies while queues are declared can leave MassTransit's start waiting for ever. Then the program ends, with a
/// sentence, and whoever looks after it (compose: restart on-failure) starts it again.
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
        if (Transport.BrokerOf(services.GetRequiredService<IConfiguration>()) is not { } broker)
            return;

        var answered = TimeSpan.Zero;
        try
        {
            while (answered < StartsWithin)
            {
                await Task.Delay(Interval, started);
                answered = await Answers(broker, started) ? answered + Interval : TimeSpan.Zero;
            }
        }
        catch (OperationCanceledException)
        {
            return;
        }

        Console.Error.WriteLine(
            $"RabbitMQ at {broker.Host}:{broker.Port} has answered for {StartsWithin.TotalSeconds:0} s, but the queues could not be set up: this start is given up, start again.");
        Environment.Exit(Startup.Restart);
    }

    private static async Task<bool> Answers((string Host, int Port) broker, CancellationToken cancellationToken)
    {
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync(broker.Host, broker.Port, cancellationToken);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
