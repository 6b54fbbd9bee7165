using System.Net;
using System.Text.RegularExpressions;
using RabbitMQ.Client;

namespace FedQueue.Contracts;

/// <summary>Where the broker is and as whom to go there, out of the section <c>FedQueue:RabbitMq</c>; both connections of a program, MassTransit's and the one beside it, use the same.</summary>
internal sealed partial class BrokerAddress : IEndpointResolver
{
    private const int TlsPort = 5671;

    private int next;

    private BrokerAddress(IReadOnlyList<string> hosts, int port, string virtualHost, string user, string password, BrokerCertificate? certificate, bool hasQuorum) =>
        (Hosts, Port, VirtualHost, User, Password, Certificate, HasQuorum) = (hosts, port, virtualHost, user, password, certificate, hasQuorum);

    /// <summary>Nodes of one broker, at least one.</summary>
    public IReadOnlyList<string> Hosts { get; }

    public int Port { get; }

    public string VirtualHost { get; }

    public string User { get; }

    public string Password { get; }

    /// <summary>Checks who answers; null: it is plain text.</summary>
    public BrokerCertificate? Certificate { get; }

    /// <summary>Durable queues are copied to several nodes, so that one may die.</summary>
    public bool HasQuorum { get; }

    /// <summary>As people read it.</summary>
    public string Place => $"RabbitMQ at {string.Join(", ", Hosts.Select(host => $"{host}:{Port}"))}";

    /// <exception cref="StartupException">What is set is no address.</exception>
    public static BrokerAddress From(RabbitMqSettings settings)
    {
        if (settings.Host.Contains("://", StringComparison.Ordinal))
            return FromUrl(settings);

        var hosts = settings.Host.Split(',', StringSplitOptions.TrimEntries);
        if (hosts.FirstOrDefault(host => !IsHost(host)) is { } bad)
            throw new StartupException($"FedQueue:RabbitMq:Host is '{PlainText.Of(settings.Host)}', and '{PlainText.Of(bad)}' is no host: set it to a name or an address, to several "
                + "nodes of one cluster with commas between them, or to a URL such as amqps://rabbit.example:5671/federation; a port without a URL goes into FedQueue:RabbitMq:Port.");
        return Of(settings, hosts, settings.Port, settings.VirtualHost, settings.User, settings.Password, isTls: settings.Port == TlsPort);
    }

    /// <summary>As https://www.rabbitmq.com/docs/uri-spec has it; what it leaves out is as set beside it.</summary>
    private static BrokerAddress FromUrl(RabbitMqSettings settings)
    {
        // Never the whole of it in a message: it may hold the password.
        if (!Uri.TryCreate(settings.Host.Trim(), UriKind.Absolute, out var url) || url.Scheme is not ("amqp" or "amqps") || !IsHost(url.Host) || url.Query.Length > 0)
            throw new StartupException("FedQueue:RabbitMq:Host is a URL that cannot be read; write it as amqp://USER:PASSWORD@HOST:PORT/VIRTUALHOST, or amqps:// for TLS.");
        var isTls = url.Scheme == "amqps";
        var virtualHost = url.AbsolutePath.Length <= 1 ? settings.VirtualHost : Uri.UnescapeDataString(url.AbsolutePath[1..]);
        var port = url.Port > 0 ? url.Port : isTls ? TlsPort : 5672;
        var (user, password) = url.UserInfo.Split(':', 2) switch
        {
            [{ Length: > 0 } name, var secret] => (Uri.UnescapeDataString(name), Uri.UnescapeDataString(secret)),
            [{ Length: > 0 } name] => (Uri.UnescapeDataString(name), settings.Password),
            _ => (settings.User, settings.Password),
        };
        return Of(settings, [url.Host], port, virtualHost, user, password, isTls || port == TlsPort);
    }

    private static BrokerAddress Of(
        RabbitMqSettings settings, string[] hosts, int port, string virtualHost, string user, string password, bool isTls)
    {
        if (port is < 1 or > ushort.MaxValue)
            throw new StartupException($"FedQueue:RabbitMq:Port is {port}; a port is from 1 to {ushort.MaxValue}.");
        isTls = settings.Tls ?? isTls;
        if (!isTls && settings.CaFile is { Length: > 0 })
            throw new StartupException("FedQueue:RabbitMq:CaFile is set, but the connection is plain text; set FedQueue:RabbitMq:Tls to true, or leave the file out.");
        return new(hosts, port, virtualHost, user, password, isTls ? BrokerCertificate.From(settings.CaFile) : null, settings.Quorum ?? hosts.Length > 1);
    }

    /// <summary>Makes a factory connect there, to whichever node answers.</summary>
    public void Apply(ConnectionFactory connections)
    {
        (connections.VirtualHost, connections.UserName, connections.Password, connections.Port) = (VirtualHost, User, Password, Port);
        connections.EndpointResolverFactory = _ => this;
        BrokerSocket.UseFor(connections);
    }

    /// <summary>Every node once, each time beginning with another: who lost its node does not ask it again first.</summary>
    public IEnumerable<AmqpTcpEndpoint> All()
    {
        var first = Interlocked.Increment(ref next) - 1;
        return Enumerable.Range(0, Hosts.Count).Select(i => EndpointOf(Hosts[(int)((uint)(first + i) % Hosts.Count)]));
    }

    private AmqpTcpEndpoint EndpointOf(string host)
    {
        var name = host.Trim('[', ']');
        return Certificate is null ? new AmqpTcpEndpoint(name, Port) : new AmqpTcpEndpoint(name, Port, Certificate.OptionFor(name));
    }

    private static bool IsHost(string host) => IPAddress.TryParse(host.Trim('[', ']'), out _) || (host.Length <= 253 && HostName().IsMatch(host));

    [GeneratedRegex(@"^[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?(\.[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?)*\.?$", RegexOptions.CultureInvariant)]
    private static partial Regex HostName();
}
