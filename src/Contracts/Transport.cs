using MassTransit;
using MassTransit.Middleware;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using RabbitMQ.Client;

namespace FedQueue.Contracts;

/// <summary>Which broker carries the messages; section <c>FedQueue:RabbitMq</c> and the key <c>FedQueue:Transport</c>.</summary>
public static class Transport
{
    /// <summary>A queue of a process that died before it read from it.</summary>
    private static readonly TimeSpan ForgottenAfter = TimeSpan.FromMinutes(1);

    /// <summary>
    /// Adds the bus on the configured transport: <c>RabbitMq</c> (the default: services need a broker between them) or
    /// <c>InMemory</c> (one process). Everything else about the bus is the same on both.
    /// </summary>
    /// <exception cref="StartupException">The transport has another name.</exception>
    public static IServiceCollection AddFedQueueBus(
        this IServiceCollection services, IConfiguration configuration, Action<IBusRegistrationConfigurator> register)
    {
        services.AddOptions<MassTransitHostOptions>().Configure(options =>
        {
            // A worker or aggregator without its bus is of no use, and what it could not send would be lost.
            options.WaitUntilStarted = true;
            options.StopTimeout = TimeSpan.FromSeconds(20);
        });

        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<BrokerLink>();
        if (AddressIn(configuration) is { } broker)
        {
            services.AddSingleton<Ending>().AddSingleton(broker).AddSingleton<BrokerRefusal>();
            services.AddSingleton(provider => new QueueWatch(
                    ConnectionTo(broker), broker.Place, provider.GetRequiredService<BrokerLink>(), reason => provider.GetRequiredService<Ending>().Because(reason), provider.GetRequiredService<TimeProvider>()))
                .AddReceiveEndpointObserver(provider => provider.GetRequiredService<QueueWatch>())
                .AddReceiveEndpointObserver(provider => provider.GetRequiredService<BrokerRefusal>())
                .AddPublishObserver(provider => provider.GetRequiredService<BrokerRefusal>())
                .AddHostedService(provider => provider.GetRequiredService<QueueWatch>());
            services.AddHealthChecks().AddCheck<BrokerLink>("broker-link", tags: ["ready"]);
        }

        services.AddSingleton<IUplink>(provider => new BrokerUplink(
            provider.GetRequiredService<IBus>(), provider.GetService<BrokerAddress>(), provider.GetService<BrokerRefusal>()));
        services.AddReceiveObserver<FailedMessages>();
        return services.AddMassTransit(bus =>
        {
            bus.DisableUsageTelemetry();
            bus.AddConfigureEndpointsCallback((context, _, endpoint) =>
            {
                endpoint.SetFailuresAside();
                endpoint.CopyToSeveralNodes(context);
            });
            register(bus);

            switch (configuration["FedQueue:Transport"] ?? "RabbitMq")
            {
                case "InMemory":
                    bus.UsingInMemory((context, factory) =>
                    {
                        UseCompactBodies(factory);
                        factory.ConfigureEndpoints(context);
                    });
                    break;
                case "RabbitMq":
                    bus.UsingRabbitMq((context, factory) =>
                    {
                        Configure(factory, context.GetRequiredService<BrokerAddress>());
                        factory.ConfigureEndpoints(context);
                    });
                    break;
                case var other:
                    throw new StartupException($"FedQueue:Transport is '{other}'; set it to RabbitMq or InMemory.");
            }
        });
    }

    /// <summary>A bus of its own, to be started, on which nothing is read.</summary>
    internal static IBusControl CreateBus(BrokerAddress broker) => Bus.Factory.CreateUsingRabbitMq(factory => Configure(factory, broker));

    private static void Configure(IRabbitMqBusFactoryConfigurator factory, BrokerAddress broker)
    {
        factory.Host(broker.Hosts[0], (ushort)broker.Port, broker.VirtualHost, host => host.OnRefreshConnectionFactory = connections =>
        {
            broker.Apply(connections);
            return Task.CompletedTask;
        });
        BrokerReconnection.Hasten(factory);
        factory.SendTopology.ConfigureErrorSettings = Bound;
        factory.SendTopology.ConfigureDeadLetterSettings = Bound;
        UseCompactBodies(factory);
    }

    /// <summary>Messages stay in this process, so all of the federation does.</summary>
    public static bool IsInMemory(IConfiguration configuration) => configuration["FedQueue:Transport"] == "InMemory";

    /// <summary>Weights as they are instead of as text, and JSON without white space.</summary>
    private static void UseCompactBodies(IBusFactoryConfigurator factory)
    {
        factory.ConfigureJsonSerializerOptions(json =>
        {
            json.WriteIndented = false;
            return json;
        });
        var weights = new WeightsSerializer();
        factory.AddSerializer(weights);
        factory.AddDeserializer(weights);
    }

    /// <summary>What could not be handled is for a person to look at, and must not fill the broker's disk meanwhile: the oldest go first.</summary>
    private static void Bound(IRabbitMqQueueConfigurator queue)
    {
        queue.SetQueueArgument("x-max-length", 1_000);
        queue.SetQueueArgument("x-max-length-bytes", 64 << 20);
        queue.SetQueueArgument("x-message-ttl", (int)TimeSpan.FromDays(7).TotalMilliseconds);
    }

    /// <returns>Null when messages stay in memory.</returns>
    /// <exception cref="StartupException">What is set is no address.</exception>
    internal static BrokerAddress? AddressIn(IConfiguration configuration) =>
        IsInMemory(configuration) ? null : BrokerAddress.From(RabbitMqSettings.From(configuration));

    /// <summary>A connection beside MassTransit's, to look at the broker with.</summary>
    internal static ConnectionFactory ConnectionTo(BrokerAddress broker)
    {
        var connections = new ConnectionFactory { AutomaticRecoveryEnabled = false };
        broker.Apply(connections);
        return connections;
    }

    /// <summary>In a cluster, makes a queue that outlives its readers outlive a node too.</summary>
    public static void CopyToSeveralNodes(this IReceiveEndpointConfigurator endpoint, IServiceProvider services)
    {
        if (endpoint is IRabbitMqReceiveEndpointConfigurator rabbitMq && services.GetService<BrokerAddress>()?.HasQuorum == true)
            rabbitMq.SetQuorumQueue();
    }

    /// <summary>
    /// Keeps what cannot be handled in the queue's <c>_error</c> queue and tells nobody else: MassTransit would tell the address that the message itself gives,
    /// and hand out the message for ever when that cannot be reached.
    /// </summary>
    public static void SetFailuresAside(this IReceiveEndpointConfigurator endpoint) => endpoint.ConfigureError(failed =>
    {
        failed.UseFilter(new FailureNoted());
        failed.UseFilter(new ErrorTransportFilter());
    });

    /// <summary>Makes a queue hold its newest message only. In memory nothing outlives the process, so nothing piles up.</summary>
    public static void KeepOnlyNewest(this IReceiveEndpointConfigurator endpoint)
    {
        if (endpoint is IRabbitMqReceiveEndpointConfigurator rabbitMq)
            rabbitMq.SetQueueArgument("x-max-length", 1);
    }

    /// <summary>
    /// Makes a queue go with the process that reads it. MassTransit declares it exclusive, as RabbitMQ 4.3 wants of what is not durable; <see cref="QueueWatch"/> leaves it alone.
    /// </summary>
    public static void GoWithItsReader(this IReceiveEndpointConfigurator endpoint)
    {
        if (endpoint is not IRabbitMqReceiveEndpointConfigurator rabbitMq)
            return;
        (rabbitMq.Durable, rabbitMq.AutoDelete, rabbitMq.QueueExpiration) = (false, true, ForgottenAfter);
    }
}

/// <summary>Lets observers know of a failure.</summary>
internal sealed class FailureNoted : IFilter<ExceptionReceiveContext>
{
    public async Task Send(ExceptionReceiveContext context, IPipe<ExceptionReceiveContext> next)
    {
        await context.NotifyFaulted(context.Exception);
        await next.Send(context);
    }

    public void Probe(ProbeContext context) => context.CreateFilterScope("failureNoted");
}

/// <summary>The broker; section <c>FedQueue:RabbitMq</c>.</summary>
internal sealed class RabbitMqSettings
{
    /// <summary>A host, several nodes of one cluster with commas between them, or a URL that says all else too.</summary>
    public string Host { get; set; } = "localhost";

    public int Port { get; set; } = 5672;
    public string VirtualHost { get; set; } = "/";
    public string User { get; set; } = "guest";
    public string Password { get; set; } = "guest";

    /// <summary>Whether the connection is encrypted. Default: with port 5671 and in an amqps URL.</summary>
    public bool? Tls { get; set; }

    /// <summary>PEM file of the authorities that may vouch for the broker. Default: those that the system trusts.</summary>
    public string? CaFile { get; set; }

    /// <summary>Whether durable queues are quorum queues, of which a cluster keeps copies. Default: where several hosts are set.</summary>
    public bool? Quorum { get; set; }

    public static RabbitMqSettings From(IConfiguration configuration) =>
        configuration.GetSection("FedQueue:RabbitMq").Get<RabbitMqSettings>(binder => binder.ErrorOnUnknownConfiguration = true) ?? new();
}
