using System.Net.Http.Json;
using System.Text.Json;
using FedQueue.System.Tests.OneProcess;
using FedQueue.System.Tests.Storage;

namespace FedQueue.System.Tests.Queue;

/// <summary>One sick client, all of whose messages come again and again while a run goes on.</summary>
[Collection(SharesBroker.Name)]
public sealed class SickClientTests(Broker broker, PostgresServer postgres) : IAsyncLifetime
{
    private readonly LiveServices services = new(broker);
    private readonly HttpClient http = new() { Timeout = Hang.Limit };

    public Task InitializeAsync() => services.MakeVirtualHost();

    public async Task DisposeAsync()
    {
        await services.DisposeAsync();
        http.Dispose();
    }

    [DockerTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Whatever_one_client_sends_the_run_ends_with_the_same_bits_and_the_others_are_answered(bool areTwo)
    {
        (string, string)[] storage = areTwo ? [("FedQueue__Storage__Provider", "Postgres"), ("FedQueue__Storage__Connection", await postgres.NewDatabase())] : [];
        if (areTwo)
            services.Aggregator([("ASPNETCORE_URLS", $"http://127.0.0.1:{Network.FreePort()}"), .. storage]);
        services.Aggregator(
            [.. storage, ("FedQueue__Run__AutoStart", "true"), ("FedQueue__Run__Id", "rabbit"), ("FedQueue__Run__Seed", "7"), ("FedQueue__Run__Rounds", "5"), ("FedQueue__Run__Epochs", "100")]);
        for (var i = 0; i < 5; i++)
            services.Worker();
        await using var sick = new SickClient(await broker.Connect(services.VirtualHost));
        var (run, sent, slowest) = (default(JsonElement), 0, TimeSpan.Zero);
        await Eventually.Holds(async () =>
        {
            Assert.All(services.Programs, program => Assert.True(program.ExitCode is null, program.Error));
            try
            {
                run = await http.GetFromJsonAsync<JsonElement>(services.Url("/api/runs/rabbit"));
            }
            catch (HttpRequestException)
            {
                return false;
            }

            var status = run.GetProperty("status").GetString();
            if (status == "running" && run.GetProperty("round").GetInt32() is > 0 and var round)
            {
                await sick.SendAll("rabbit", round, [.. run.GetProperty("participants").EnumerateArray().Select(p => p.GetString()!)]);
                sent++;
                if (await sick.AskForAParticipant() is var took && took > slowest)
                    slowest = took;
            }

            return status is not ("waiting" or "running");
        }, () => $"{run}\n{string.Join('\n', services.Programs.Select(p => p.Error))}");

        Assert.Equal("completed", run.GetProperty("status").GetString());
        Assert.True(sent >= 3, $"sent {sent} times");
        Assert.Equal(await Simulate.Sha256OfInterruptibleJob(), run.GetProperty("weightsSha256").GetString());

        // Ten times what is promised of a machine that does nothing else.
        Assert.True(slowest < TimeSpan.FromSeconds(20), $"a good request waited {slowest}");
        Assert.True((await http.GetFromJsonAsync<JsonElement>(services.Url("/api/runs/rabbit/verification"))).GetProperty("sound").GetBoolean());
        Assert.Equal("rabbit", Assert.Single((await http.GetFromJsonAsync<JsonElement>(services.Url("/api/runs"))).EnumerateArray()).GetProperty("id").GetString());
        Assert.Equal(5, (await http.GetFromJsonAsync<JsonElement>(services.Url("/api/runs/rabbit/participants"))).GetProperty("participants").GetArrayLength());
        if (!areTwo)
            Assert.InRange(new FileInfo(services.Database).Length, 0, 20 << 20);
        Assert.Equal("Healthy", await http.GetStringAsync(services.Url("/health/ready")));
    }
}
