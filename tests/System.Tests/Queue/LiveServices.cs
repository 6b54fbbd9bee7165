using FedQueue.System.Tests.OneProcess;

namespace FedQueue.System.Tests.Queue;

/// <summary>The services as processes of their own, over a virtual host of a real RabbitMQ or, without one, in memory; they end when this is disposed.</summary>
internal sealed class LiveServices(Broker? broker = null) : IAsyncDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly List<RunningProgram> programs = [];
    private readonly int port = Network.FreePort();
    private string? virtualHost;

    public string VirtualHost => virtualHost!;

    /// <summary>All that was started, oldest first.</summary>
    public IReadOnlyList<RunningProgram> Programs => programs;

    public string Database => Path.Combine(folder.Path, "fedqueue.db");

    /// <summary>To be called once before anything is started over RabbitMQ.</summary>
    public async Task MakeVirtualHost() => virtualHost = await broker!.NewVirtualHost();

    public RunningProgram Aggregator(params (string Name, string Value)[] settings) =>
        Start("Aggregator", [("ASPNETCORE_URLS", Url("")), ("FedQueue__Storage__Database", Database), .. settings]);

    /// <summary>Starts an aggregator; returns when broker and database answer it.</summary>
    public async Task ReadyAggregator(params (string Name, string Value)[] settings)
    {
        var aggregator = Aggregator(settings);
        using var http = new HttpClient { Timeout = Hang.Limit };
        await Eventually.Holds(async () =>
        {
            Assert.True(aggregator.ExitCode is null, aggregator.Error);
            try
            {
                return (await http.GetAsync(Url("/health/ready"))).IsSuccessStatusCode;
            }
            catch (HttpRequestException)
            {
                return false;
            }
        }, () => aggregator.Error);
    }

    public RunningProgram Worker(params (string Name, string Value)[] settings) =>
        Start("Worker", [("FedQueue__Worker__DataDirectory", Repository.Data), ("FedQueue__Worker__SpareInterval", "00:00:01"), .. settings]);

    /// <summary>An address of the aggregator.</summary>
    public string Url(string path) => $"http://127.0.0.1:{port}{path}";

    public async ValueTask DisposeAsync()
    {
        foreach (var program in programs)
            await program.DisposeAsync();
        if (virtualHost is not null)
            await broker!.Delete(virtualHost);
        folder.Dispose();
    }

    private RunningProgram Start(string project, (string Name, string Value)[] settings)
    {
        Dictionary<string, string> all = virtualHost is null
            ? new() { ["FedQueue__Transport"] = "InMemory" }
            : new()
            {
                ["FedQueue__RabbitMq__Host"] = broker!.Host,
                ["FedQueue__RabbitMq__Port"] = $"{broker.Port}",
                ["FedQueue__RabbitMq__VirtualHost"] = virtualHost,
                ["FedQueue__RabbitMq__User"] = Broker.User,
                ["FedQueue__RabbitMq__Password"] = Broker.Password,
            };
        foreach (var (name, value) in settings)
            all[name] = value;

        var program = RunningProgram.Start("dotnet", all, Repository.Program(project, $"FedQueue.{project}.dll"));
        programs.Add(program);
        return program;
    }
}
