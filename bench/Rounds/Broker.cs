using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Testcontainers.RabbitMq;

namespace FedQueue.Bench.Rounds;

/// <summary>A RabbitMQ that is there, or one in a container that ends with the program.</summary>
internal sealed class Broker(string host, int port, string user, string password, RabbitMqContainer? container) : IAsyncDisposable
{
    private const string Image = "rabbitmq:4.0.5-management";

    public bool CountsBytes => container is not null;

    public Dictionary<string, string?> Settings => new()
    {
        ["FedQueue:Transport"] = "RabbitMq",
        ["FedQueue:RabbitMq:Host"] = host,
        ["FedQueue:RabbitMq:Port"] = port.ToString(CultureInfo.InvariantCulture),
        ["FedQueue:RabbitMq:User"] = user,
        ["FedQueue:RabbitMq:Password"] = password,
    };

    public static async Task<Broker> Open(string address, string user, string password)
    {
        if (address != "docker")
        {
            var parts = address.Split(':');
            return new Broker(parts[0], parts.Length > 1 ? int.Parse(parts[1], CultureInfo.InvariantCulture) : 5672, user, password, null);
        }

        RabbitMqContainer? container = null;
        try
        {
            container = new RabbitMqBuilder(Image).WithUsername(user).WithPassword(password).WithLogger(NullLogger.Instance).Build();
            await container.StartAsync();
        }
        catch (Exception exception)
        {
            // Docker's client has no exception of its own for all that can be wrong with it.
            if (container is not null)
                await container.DisposeAsync();
            throw new NoBrokerException($"No broker in a container: {exception.GetBaseException().Message.ReplaceLineEndings(" ")} Is Docker running? Where the image of Testcontainers' "
                + "cleaner cannot be had, set TESTCONTAINERS_RYUK_DISABLED=true; or start a RabbitMQ and give --broker HOST:PORT.");
        }

        return new Broker(container.Hostname, container.GetMappedPublicPort(5672), user, password, container);
    }

    /// <summary>Bytes that the container's network interface has received and sent so far; null when the broker is not ours.</summary>
    public async Task<long?> Bytes()
    {
        if (container is null)
            return null;
        const string statistics = "/sys/class/net/eth0/statistics";
        var counters = await container.ExecAsync(["cat", $"{statistics}/rx_bytes", $"{statistics}/tx_bytes"]);
        return counters.Stdout.Split('\n', StringSplitOptions.RemoveEmptyEntries).Sum(line => long.Parse(line, CultureInfo.InvariantCulture));
    }

    public ValueTask DisposeAsync() => container?.DisposeAsync() ?? ValueTask.CompletedTask;
}

/// <summary>The message is a sentence for people.</summary>
internal sealed class NoBrokerException(string message) : Exception(message);
