using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using FedQueue.System.Tests.Storage;
using RabbitMQ.Client;
using Testcontainers.RabbitMq;

namespace FedQueue.System.Tests.Queue;

/// <summary>A RabbitMQ of its own is eight seconds more for every test; those that leave it running share one.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class SharesBroker : ICollectionFixture<Broker>, ICollectionFixture<PostgresServer>
{
    public const string Name = "shares a broker";
}

/// <summary>One RabbitMQ for many tests; each gets a virtual host of its own.</summary>
public sealed class Broker : IAsyncLifetime
{
    public const string User = "fedqueue", Password = "fedqueue";

    private const int Management = 15672;

    private readonly HttpClient http = new() { Timeout = Hang.Limit };
    private RabbitMqContainer? container;

    public string Host => container!.Hostname;

    public int Port => container!.GetMappedPublicPort(RabbitMqBuilder.RabbitMqPort);

    /// <summary>Does nothing where Docker is not to be used, because then no test comes here.</summary>
    public async Task InitializeAsync()
    {
        if (Environment.GetEnvironmentVariable("FEDQUEUE_DOCKER") != "1")
            return;

        container = new RabbitMqBuilder("rabbitmq:4.0.5-management").WithUsername(User).WithPassword(Password).WithPortBinding(Management, assignRandomHostPort: true).Build();
        await container.StartAsync();
        http.BaseAddress = new Uri($"http://{Host}:{container.GetMappedPublicPort(Management)}/api/");
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.ASCII.GetBytes($"{User}:{Password}")));
    }

    public async Task DisposeAsync()
    {
        http.Dispose();
        if (container is not null)
            await container.DisposeAsync();
    }

    /// <returns>Name of a virtual host that only this caller knows.</returns>
    public Task<string> NewVirtualHost() => NewVirtualHost(rights: ".*");

    /// <param name="rights">Pattern of the names that the user may configure, write and read there.</param>
    public async Task<string> NewVirtualHost(string rights)
    {
        var name = $"test-{Guid.NewGuid():N}";
        await Put($"vhosts/{name}", new { });
        await Put($"permissions/{name}/{User}", new { configure = rights, write = rights, read = rights });
        return name;

        async Task Put(string path, object body)
        {
            using var answer = await http.PutAsJsonAsync(path, body);
            answer.EnsureSuccessStatusCode();
        }
    }

    /// <param name="virtualHost">Where the user has all other rights.</param>
    /// <param name="read">Pattern of the names that it may read.</param>
    public Task Permit(string virtualHost, string read) => Control("set_permissions", "-p", virtualHost, User, ".*", ".*", read);

    /// <summary>Runs rabbitmqctl in the broker's container.</summary>
    public async Task Control(params string[] arguments)
    {
        var result = await container!.ExecAsync(["rabbitmqctl", .. arguments]);
        Assert.True(result.ExitCode == 0, $"rabbitmqctl {string.Join(' ', arguments)}: {result.Stderr}");
    }

    public Task Pause() => container!.PauseAsync();

    public Task Unpause() => container!.UnpauseAsync();

    /// <summary>A connection of the test's own.</summary>
    public Task<IConnection> Connect(string virtualHost) => new ConnectionFactory
    {
        HostName = Host, Port = Port, VirtualHost = virtualHost, UserName = User, Password = Password, AutomaticRecoveryEnabled = false,
    }.CreateConnectionAsync();

    /// <summary>With all of its queues.</summary>
    public async Task Delete(string virtualHost)
    {
        using var answer = await http.DeleteAsync($"vhosts/{virtualHost}");
        answer.EnsureSuccessStatusCode();
    }
}
