using FedQueue.System.Tests.OneProcess;
using Testcontainers.RabbitMq;

namespace FedQueue.System.Tests.Queue;

/// <summary>The services as processes of their own, over a real RabbitMQ; they end when this is disposed.</summary>
internal sealed class LiveServices : IAsyncDisposable
{
    private static readonly TimeSpan ReadyWithin = TimeSpan.FromMinutes(1);

    private readonly TemporaryFolder folder = new();
    private readonly List<RunningProgram> programs = [];
    private readonly int port = Network.FreePort();
    private RabbitMqContainer? broker;

    /// <summary>All that was started, oldest first.</summary>
    public IReadOnlyList<RunningProgram> Programs => programs;

    public string Database => Path.Combine(folder.Path, "fedqueue.db");

    /// <summary>Does nothing where Docker is not to be used, because then no test comes here.</summary>
    public async Task StartBroker()
    {
        if (Environment.GetEnvironmentVariable("FEDQUEUE_DOCKER") != "1")
            return;

        broker = new RabbitMqBuilder("rabbitmq:4.0.5-management").WithUsername("fedqueue").WithPassword("fedqueue").Build();
        await broker.StartAsync();
    }

    public RunningProgram Aggregator(params (string Name, string Value)[] settings) =>
        Start("Aggregator", [("ASPNETCORE_URLS", Url("")), ("FedQueue__Storage__Database", Database), .. settings]);

    /// <summary>Starts an aggregator; returns when broker and database answer it.</summary>
    public async Task ReadyAggregator(params (string Name, string Value)[] settings)
    {
        var aggregator = Aggregator(settings);
        using var http = new HttpClient();
        await Eventually.Holds(async () =>
        {
            try
            {
                return (await http.GetAsync(Url("/health/ready"))).IsSuccessStatusCode;
            }
            catch (HttpRequestException)
            {
                return false;
            }
        }, ReadyWithin, () => aggregator.Error);
    }

    public RunningProgram Worker(params (string Name, string Value)[] settings) =>
        Start("Worker", [("FedQueue__Worker__DataDirectory", Repository.Data), ("FedQueue__Worker__SpareInterval", "00:00:01"), .. settings]);

    /// <summary>An address of the aggregator.</summary>
    public string Url(string path) => $"http://127.0.0.1:{port}{path}";

    public async ValueTask DisposeAsync()
    {
        foreach (var program in programs)
            await program.DisposeAsync();
        if (broker is not null)
            await broker.DisposeAsync();
        folder.Dispose();
    }

    private RunningProgram Start(string project, (string Name, string Value)[] settings)
    {
        Dictionary<string, string> all = broker is null
            ? new() { ["FedQueue__Transport"] = "InMemory" }
            : new()
            {
                ["FedQueue__RabbitMq__Host"] = broker.Hostname,
                ["FedQueue__RabbitMq__Port"] = $"{broker.GetMappedPublicPort(5672)}",
                ["FedQueue__RabbitMq__User"] = "fedqueue",
                ["FedQueue__RabbitMq__Password"] = "fedqueue",
            };
        foreach (var (name, value) in settings)
            all[name] = value;

        var program = RunningProgram.Start("dotnet", all, Repository.Program(project, $"FedQueue.{project}.dll"));
        programs.Add(program);
        return program;
    }
}
