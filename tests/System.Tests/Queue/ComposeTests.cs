using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using FedQueue.System.Tests.OneProcess;

namespace FedQueue.System.Tests.Queue;

/// <summary>What <c>docker compose up --build</c> does, in a project of the test's own.</summary>
[Collection(Alone.Name)]
public sealed class ComposeTests : IAsyncLifetime
{
    private const string Project = "fedqueue-test";

    private readonly HttpClient http = new() { Timeout = Hang.Limit };
    private readonly Dictionary<string, string> settings = new()
    {
        ["FEDQUEUE_PORT"] = $"{Network.FreePort()}",
        ["FEDQUEUE_RABBITMQ_PORT"] = $"{Network.FreePort()}",
        ["FEDQUEUE_SEED"] = "7",
        ["FEDQUEUE_ROUNDS"] = "3",
        ["FEDQUEUE_EPOCHS"] = "20",
    };

    // A session that was cut off may have left its containers.
    public Task InitializeAsync() => DownIfDocker();

    public async Task DisposeAsync()
    {
        await DownIfDocker();
        http.Dispose();
    }

    [DockerFact]
    public async Task Five_replicas_end_with_the_bits_of_one_process_and_down_leaves_only_the_volumes()
    {
        await Compose("up", "--build", "--detach");

        var run = await RunUntil(r => Status(r) is "completed" or "failed");
        Assert.Equal("completed", Status(run));
        Assert.Equal(await Simulate.Sha256OfSmallJob(), run.GetProperty("weightsSha256").GetString());
        await Eventually.Holds(async () => (await Logs("aggregator")).Contains(
            $"SHA-256 of the final weights: {run.GetProperty("weightsSha256").GetString()}", StringComparison.Ordinal), () => "the log has the final table");
        Assert.Equal(["uid=1654", "uid=1654"], [await Uid("aggregator"), await Uid("worker")]);

        await Compose("stop");
        Assert.All((await Compose("ps", "--all", "--format", "{{.Name}} {{.ExitCode}}")).Split('\n', StringSplitOptions.RemoveEmptyEntries),
            container => Assert.EndsWith(" 0", container, StringComparison.Ordinal));

        await Compose("down");
        Assert.Equal("", await Docker("ps", "--all", "--quiet", "--filter", $"label=com.docker.compose.project={Project}"));
        Assert.Equal("", await Docker("network", "ls", "--quiet", "--filter", $"label=com.docker.compose.project={Project}"));
        Assert.Equal($"{Project}_fedqueue-data\n{Project}_rabbitmq-data\n",
            await Docker("volume", "ls", "--format", "{{.Name}}", "--filter", $"label=com.docker.compose.project={Project}"));
    }

    [DockerFact]
    public async Task Three_replicas_wait_with_a_sentence_and_eight_leave_three_spares()
    {
        await Compose("up", "--build", "--detach", "--scale", "worker=3");
        var waiting = await RunUntil(r => r.GetProperty("waitingFor").GetString()?.Contains("3 of 5 participants", StringComparison.Ordinal) == true);
        Assert.Matches(
            "waiting for 2 more, fails in [0-9]+ s; start more workers, or set FedQueue:Run:Goal to train with fewer$",
            waiting.GetProperty("waitingFor").GetString());

        await Compose("up", "--detach", "--no-recreate", "--scale", "worker=8");

        var run = await RunUntil(r => Status(r) is "completed" or "failed");
        Assert.Equal(await Simulate.Sha256OfSmallJob(), run.GetProperty("weightsSha256").GetString());
        await Eventually.Holds(
            async () => (await Logs("worker")).Split('\n').Count(line => line.Contains("every participant it can read is held", StringComparison.Ordinal)) == 3,
            () => "three workers stand by");
    }

    [DockerFact]
    public async Task A_killed_worker_a_killed_aggregator_and_a_compose_that_is_taken_down_in_the_midst_change_no_bit()
    {
        string[] longer = ["--seed", "7", "--rounds", "3", "--epochs", "400"];
        settings["FEDQUEUE_EPOCHS"] = "400";
        settings["FEDQUEUE_LEASE"] = "00:00:05";
        await Compose("up", "--build", "--detach");

        await RunUntil(r => r.GetProperty("round").GetInt32() >= 1);
        await Task.WhenAll(KillProcess("worker", index: 1), KillProcess("aggregator", index: 1));
        await RunUntil(r => r.GetProperty("round").GetInt32() >= 2);
        await Compose("down");
        await Compose("up", "--detach");

        var run = await RunUntil(r => Status(r) is "completed" or "failed");
        Assert.Equal((await Simulate.Json(longer)).GetProperty("weightsSha256").GetString(), run.GetProperty("weightsSha256").GetString());
        var history = await http.GetFromJsonAsync<JsonElement>($"http://127.0.0.1:{settings["FEDQUEUE_PORT"]}/api/runs/compose/history");
        Assert.True(history.GetProperty("counts").GetProperty("aggregator started").GetInt32() >= 2, $"{history}");
        Assert.Equal(15, history.GetProperty("counts").GetProperty("submitted").GetInt32());
        var verification = await http.GetFromJsonAsync<JsonElement>($"http://127.0.0.1:{settings["FEDQUEUE_PORT"]}/api/runs/compose/verification");
        Assert.True(verification.GetProperty("sound").GetBoolean(), $"{verification}");

        // The dashboard is served with all that it needs, and changes nothing for who has no key.
        foreach (var path in new[] { "/", "/runs/compose", "/fedqueue.css", "/_content/Radzen.Blazor/css/standard.css", "/_framework/blazor.web.js" })
            Assert.True((await http.GetAsync($"http://127.0.0.1:{settings["FEDQUEUE_PORT"]}{path}")).IsSuccessStatusCode, path);
        Assert.Equal(HttpStatusCode.Unauthorized, (await http.PostAsync($"http://127.0.0.1:{settings["FEDQUEUE_PORT"]}/api/runs/compose/cancel", null)).StatusCode);
    }

    [DockerFact]
    public async Task Two_aggregators_share_a_PostgreSQL_and_one_may_die()
    {
        var port = Network.FreePort();
        settings["FEDQUEUE_PORTS"] = $"{port}-{port + 1}";
        settings["FEDQUEUE_LEASE"] = "00:00:05";
        settings["FEDQUEUE_ROUNDS"] = "5";
        settings["FEDQUEUE_EPOCHS"] = "100";
        settings["COMPOSE_FILE"] = "compose.yaml:compose.postgres.yaml";
        await Compose("up", "--build", "--detach");
        settings["FEDQUEUE_PORT"] = (await Compose("port", "--index", "2", "aggregator", "8080")).Trim().Split(':')[^1];

        await RunUntil(r => r.GetProperty("round").GetInt32() >= 1);
        await KillProcess("aggregator", index: 1);
        Assert.Equal("running", Status(await RunUntil(_ => true)));

        var run = await RunUntil(r => Status(r) is "completed" or "failed");
        Assert.Equal(await Simulate.Sha256OfInterruptibleJob(), run.GetProperty("weightsSha256").GetString());
    }

    /// <summary>SIGKILL from inside, as from a machine without memory: a kill from outside would tell the engine not to restart it.</summary>
    private Task<string> KillProcess(string service, int index) => Compose("exec", "-T", "--index", $"{index}", service, "bash", "-c",
        "for p in /proc/[0-9]*; do [[ $(readlink $p/exe) != *dotnet ]] || kill -9 ${p#/proc/}; done; true");

    private async Task<JsonElement> RunUntil(Func<JsonElement, bool> condition)
    {
        JsonElement run = default;
        await Eventually.Holds(async () =>
        {
            try
            {
                run = await http.GetFromJsonAsync<JsonElement>($"http://127.0.0.1:{settings["FEDQUEUE_PORT"]}/api/runs/compose");
                if (condition(run))
                    return true;
                Assert.NotEqual("failed", Status(run));
                return false;
            }
            catch (HttpRequestException)
            {
                // Not up yet, or the run is not stored yet.
                return false;
            }
        }, () => $"{run}\n{Logs("aggregator").GetAwaiter().GetResult()}");
        return run;
    }

    private static string Status(JsonElement run) => run.GetProperty("status").GetString()!;

    private Task<string> Logs(string service) => Compose("logs", "--no-log-prefix", "--no-color", service);

    private async Task<string> Uid(string service) => (await Compose("exec", "-T", service, "id")).Split('(')[0];

    private Task<string> Compose(params string[] arguments) => Docker(["compose", "--project-name", Project, .. arguments]);

    private Task DownIfDocker() =>
        Environment.GetEnvironmentVariable("FEDQUEUE_DOCKER") == "1" ? Compose("down", "--volumes", "--timeout", "5") : Task.CompletedTask;

    private async Task<string> Docker(params string[] arguments)
    {
        await using var program = RunningProgram.Start("docker", settings, arguments);
        var status = await program.Exit();
        return status == 0
            ? program.Output
            : throw new InvalidOperationException($"docker {string.Join(' ', arguments)} ended with {status}\n{program.Output}\n{program.Error}");
    }
}
