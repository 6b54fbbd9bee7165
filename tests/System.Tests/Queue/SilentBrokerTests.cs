using System.Text.Json;
using System.Net.Http.Json;
using FedQueue.System.Tests.OneProcess;

namespace FedQueue.System.Tests.Queue;

/// <summary>A broker that is connected and says nothing, for several times the length of a lease, with a spare at hand.</summary>
[Collection(SharesBroker.Name)]
public sealed class SilentBrokerTests(Broker broker) : IAsyncLifetime
{
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(6);

    private readonly LiveServices services = new(broker);
    private readonly HttpClient http = new() { Timeout = Hang.Limit };
    private readonly List<RunningProgram> workers = [];

    public Task InitializeAsync() => services.MakeVirtualHost();

    public async Task DisposeAsync()
    {
        await services.DisposeAsync();
        http.Dispose();
    }

    [DockerFact]
    public async Task With_a_memory_alarm_nothing_is_trained_twice_and_everybody_says_what_is_wrong()
    {
        var aggregator = await StartRun();
        await broker.Control("set_vm_memory_high_watermark", "absolute", "1MB");
        try
        {
            await aggregator.Until(p => p.Error.Contains(" takes no messages (low on memory)", StringComparison.Ordinal), "the alarm is said");
            Assert.Equal("Degraded", await http.GetStringAsync(services.Url("/health/ready")));
            var run = await http.GetFromJsonAsync<JsonElement>(services.Url("/api/runs/silent"));
            Assert.Contains(" takes no messages (low on memory), for ", run.GetProperty("waitingFor").GetString(), StringComparison.Ordinal);
            await Task.Delay(3 * Lease);
            Assert.DoesNotContain("no worker has it", await http.GetStringAsync(services.Url("/api/runs/silent")), StringComparison.Ordinal);
        }
        finally
        {
            await broker.Control("set_vm_memory_high_watermark", "0.4");
        }

        await EndsWithTheSameBits();
        Assert.Single(Lines(aggregator), line => line.Contains("takes no messages", StringComparison.Ordinal) && line.Contains("warn 3010", StringComparison.Ordinal));
        Assert.Equal("Healthy", await http.GetStringAsync(services.Url("/health/ready")));
    }

    [DockerFact]
    public async Task With_a_broker_that_stands_still_nothing_is_trained_twice()
    {
        await StartRun();
        await broker.Pause();
        await Task.Delay(3 * Lease);
        await broker.Unpause();

        await EndsWithTheSameBits();
    }

    private async Task<RunningProgram> StartRun()
    {
        var aggregator = services.Aggregator(
            ("FedQueue__Run__AutoStart", "true"), ("FedQueue__Run__Id", "silent"), ("FedQueue__Run__Seed", "7"), ("FedQueue__Run__Rounds", "5"), ("FedQueue__Run__Epochs", "100"),
            ("FedQueue__Participants__Lease", Lease.ToString()));
        for (var i = 0; i < 6; i++)
            workers.Add(services.Worker());
        await aggregator.Until(p => p.Error.Contains("round 2 open", StringComparison.Ordinal), "the second round");
        return aggregator;
    }

    private async Task EndsWithTheSameBits()
    {
        JsonElement run = default;
        await Eventually.Holds(async () =>
        {
            run = await http.GetFromJsonAsync<JsonElement>(services.Url("/api/runs/silent"));
            return run.GetProperty("status").GetString() != "running";
        }, () => string.Join('\n', services.Programs.Select(p => p.Error)));
        Assert.Equal(await Simulate.Sha256OfInterruptibleJob(), run.GetProperty("weightsSha256").GetString());
        var trainings = workers.SelectMany(Lines).Where(line => line.Contains(" training begins", StringComparison.Ordinal)).Select(line => line[(line.IndexOf("2108", StringComparison.Ordinal) + 5)..]).ToList();
        Assert.Equal(25, trainings.Count);
        Assert.Equal(25, trainings.Distinct().Count());
    }

    private static string[] Lines(RunningProgram program) => program.Error.Split('\n');
}
