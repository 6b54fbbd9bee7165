using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using FedQueue.System.Tests.OneProcess;
using FedQueue.System.Tests.Telemetry;

namespace FedQueue.System.Tests.Queue;

/// <summary>The services as processes of their own, over a real RabbitMQ.</summary>
[Collection(SharesBroker.Name)]
public sealed class RabbitMqTests(Broker broker) : IAsyncLifetime
{
    // https://man7.org/linux/man-pages/man7/signal.7.html
    private const int Stop = 19, Continue = 18;

    private readonly LiveServices services = new(broker);
    private readonly HttpClient http = new() { Timeout = Hang.Limit };

    public Task InitializeAsync() => services.MakeVirtualHost();

    public async Task DisposeAsync()
    {
        await services.DisposeAsync();
        http.Dispose();
    }

    [DockerFact]
    public async Task Worker_processes_give_the_same_bits_as_one_process_and_a_surplus_worker_stands_by()
    {
        var aggregator = Aggregator(epochs: 20);
        await aggregator.Until(p => p.Error.Contains("0 of 5 participants", StringComparison.Ordinal), "the aggregator says what it waits for");
        await using var watch = RunningProgram.FedQueue("run", "watch", "rabbit", "--server", Url(""));
        var workers = Enumerable.Range(0, 6).Select(_ => Worker()).ToList();

        var run = await RunUntil(r => Status(r) != "waiting" && Status(r) != "running");

        Assert.Equal("completed", Status(run));
        Assert.Equal(await Simulate.Sha256OfSmallJob(), run.GetProperty("weightsSha256").GetString());
        Assert.Equal(["task_001", "task_005", "task_009", "task_010", "task_014"], run.GetProperty("participants").EnumerateArray().Select(p => p.GetString()));
        Assert.Equal(4, run.GetProperty("models").GetArrayLength());
        Assert.Equal(0, await watch.Exit());
        foreach (var model in run.GetProperty("models").EnumerateArray())
        {
            var name = model.GetProperty("round").GetInt32() is > 0 and var round ? $"after round {round}/3" : "initial model";
            Assert.Contains(string.Create(CultureInfo.InvariantCulture, $"{name,-18} MSE {model.GetProperty("mse").GetDouble():0.0000} "), watch.Output, StringComparison.Ordinal);
        }

        Assert.Single(workers, worker => worker.Error.Contains("stands by and keeps asking: every participant it can read is held", StringComparison.Ordinal));
        await aggregator.Until(
            p => p.Error.Contains($"SHA-256 of the final weights: {run.GetProperty("weightsSha256").GetString()}", StringComparison.Ordinal), "the log has the final table");

        Assert.Equal("Healthy", await http.GetStringAsync(Url("/health/live")));
        Assert.Equal("Healthy", await http.GetStringAsync(Url("/health/ready")));
        var (safetensors, onnx) = (await Download("safetensors"), await Download("onnx"));
        Assert.Equal("{\"__metadata__\":"u8, safetensors.AsSpan(8, 16));
        Assert.Equal([8, 8], onnx[..2]); // Field 1, version 8 of the format.

        Assert.Equal("rabbit", (await http.GetFromJsonAsync<JsonElement>(Url("/api/runs")))[0].GetProperty("id").GetString());

        Task<byte[]> Download(string format) => http.GetByteArrayAsync(Url($"/api/runs/rabbit/model?round=3&format={format}"));
    }

    [DockerFact]
    public async Task Workers_that_are_asked_to_train_alone_afterwards_give_the_numbers_of_one_process()
    {
        Aggregator(epochs: 20, ("FedQueue__Run__CompareLocal", "true"));
        for (var i = 0; i < 5; i++)
            Worker();

        var run = await RunUntil(r => r.GetProperty("comparison") is { ValueKind: JsonValueKind.Object } comparison && Rmse(comparison, "local") is not null);

        var (here, there) = (run.GetProperty("comparison"), await Simulate.ComparisonOfSmallJob());
        foreach (var name in new[] { "federated", "local", "repeatLast", "mean" })
            Assert.Equal(Rmse(there, name), Rmse(here, name));
        await using var shown = RunningProgram.FedQueue("run", "show", "rabbit", "--server", Url(""));
        Assert.Equal(0, await shown.Exit());
        Assert.Contains("\nown data alone, 60 epochs ", shown.Output, StringComparison.Ordinal);

        static double? Rmse(JsonElement comparison, string name) =>
            comparison.GetProperty(name) is { ValueKind: JsonValueKind.Object } errors && errors.GetProperty("weightedRmse") is { ValueKind: JsonValueKind.Number } rmse ? rmse.GetDouble() : null;
    }

    [DockerFact]
    public async Task With_a_goal_of_three_three_workers_are_enough()
    {
        Aggregator(epochs: 1, ("FedQueue__Run__Goal", "3"));
        for (var i = 0; i < 3; i++)
            Worker();

        var run = await RunUntil(r => Status(r) == "completed");

        Assert.Equal(3, run.GetProperty("participants").GetArrayLength());
    }

    [DockerFact]
    public async Task A_worker_that_is_killed_in_training_is_replaced_by_the_spare_and_the_bits_are_the_same()
    {
        Aggregator(epochs: 100, ("FedQueue__Run__Rounds", "5"), ("FedQueue__Participants__Lease", "00:00:02"));
        var workers = Enumerable.Range(0, 6).Select(_ => Worker()).ToList();
        await RunUntil(r => r.GetProperty("round").GetInt32() >= 2);

        workers.First(worker => worker.Error.Contains(" holds ", StringComparison.Ordinal)).Kill();

        var run = await RunUntil(r => Status(r) != "running");
        Assert.Equal("completed", Status(run));
        Assert.Equal(await Simulate.Sha256OfInterruptibleJob(), run.GetProperty("weightsSha256").GetString());
        Assert.All(workers, worker => Assert.Contains(" holds ", worker.Error, StringComparison.Ordinal));
    }

    [DockerFact]
    public async Task A_worker_that_slept_through_its_lease_says_who_has_its_participant_now_and_stands_by()
    {
        Aggregator(epochs: 100, ("FedQueue__Run__Rounds", "5"), ("FedQueue__Participants__Lease", "00:00:02"));
        var workers = Enumerable.Range(0, 6).Select(_ => Worker()).ToList();
        await RunUntil(r => r.GetProperty("round").GetInt32() >= 2);
        var sleeper = workers.First(worker => worker.Error.Contains(" holds ", StringComparison.Ordinal));
        await sleeper.Signal(Stop);
        var spare = workers.Single(worker => !worker.Error.Contains(" holds ", StringComparison.Ordinal));
        await spare.Until(p => p.Error.Contains(" holds ", StringComparison.Ordinal), "the spare has it");

        await sleeper.Signal(Continue);

        await sleeper.Until(p => p.Error.Contains(" had lapsed and another worker holds it now", StringComparison.Ordinal), "it says what it lost");
        var run = await RunUntil(r => Status(r) != "running");
        Assert.Equal(await Simulate.Sha256OfInterruptibleJob(), run.GetProperty("weightsSha256").GetString());

        // Longer than the watch of queues needs to find one that nobody reads.
        await Task.Delay(TimeSpan.FromSeconds(12));
        Assert.Null(sleeper.ExitCode);
        Assert.DoesNotContain("The program ends", sleeper.Error, StringComparison.Ordinal);
    }

    [DockerFact]
    public async Task Weights_that_travel_in_parts_give_the_same_bits_also_when_a_worker_is_killed()
    {
        Aggregator(epochs: 100, ("FedQueue__Run__Rounds", "5"), ("FedQueue__Participants__Lease", "00:00:02"), ("FedQueue__Participants__PartKibibytes", "4"));
        var workers = Enumerable.Range(0, 6).Select(_ => Worker()).ToList();
        await RunUntil(r => r.GetProperty("round").GetInt32() >= 2);

        workers.First(worker => worker.Error.Contains(" holds ", StringComparison.Ordinal)).Kill();

        var run = await RunUntil(r => Status(r) != "running");
        Assert.Equal("completed", Status(run));
        Assert.Equal(await Simulate.Sha256OfInterruptibleJob(), run.GetProperty("weightsSha256").GetString());
        Assert.All(workers, worker => Assert.Contains(" holds ", worker.Error, StringComparison.Ordinal));
    }

    [DockerFact]
    public async Task A_worker_with_a_file_of_its_own_claims_exactly_its_participant()
    {
        Aggregator(epochs: 1, ("FedQueue__Run__Participants", "1"));
        Worker(("FedQueue__Worker__DataFile", Path.Combine(Repository.Data, "task_009.csv")));

        var run = await RunUntil(r => Status(r) == "completed");

        Assert.Equal("task_009", Assert.Single(run.GetProperty("participants").EnumerateArray()).GetString());
    }

    [DockerFact]
    public async Task A_site_whose_file_lacks_a_column_holds_nobody_up_with_a_failure_and_takes_part_once_it_is_mended()
    {
        using var folder = new TemporaryFolder();
        List<string> sites = ["a", "b", "c"];
        foreach (var name in sites)
            File.Copy(Path.Combine(Repository.Data, "task_001.csv"), Path.Combine(folder.Path, $"{name}.csv"));
        var bad = Path.Combine(folder.Path, "b.csv");
        var rows = await File.ReadAllTextAsync(bad);
        await File.WriteAllTextAsync(bad, rows.Replace("Speed", "Tempo", StringComparison.Ordinal));
        Aggregator(epochs: 1, ("FedQueue__Run__Participants", "3"), ("FedQueue__Participants__Lease", "00:00:03"));
        var workers = sites.ToDictionary(name => name, name => Worker(("FedQueue__Worker__DataFile", Path.Combine(folder.Path, $"{name}.csv"))));

        var waiting = await RunUntil(r => r.GetProperty("waitingFor").GetString()?.Contains("2 of 3 participants (a, c)", StringComparison.Ordinal) == true
            && r.GetProperty("waitingFor").GetString()!.Contains("b cannot take part", StringComparison.Ordinal));
        Assert.Contains($"; b cannot take part: {bad}, line 1: the header lacks 'Speed'; it has ", waiting.GetProperty("waitingFor").GetString(), StringComparison.Ordinal);
        Assert.Contains($"warn 2006 b cannot take part in run rabbit: {bad}, line 1: ", workers["b"].Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", workers["b"].Error, StringComparison.Ordinal);
        var known = await http.GetFromJsonAsync<JsonElement>(Url("/api/participants"));
        Assert.Equal("rabbit", known[1].GetProperty("cannotTakePart")[0].GetProperty("run").GetString());

        await File.WriteAllTextAsync(bad, rows);

        var run = await RunUntil(r => Status(r) == "completed");
        Assert.Equal(3, run.GetProperty("participants").GetArrayLength());
    }

    [DockerFact]
    public async Task One_trace_holds_a_round_of_six_processes()
    {
        using var receiver = new OtlpReceiver();
        (string, string)[] settings = [.. receiver.Environment.Select(setting => (setting.Key, setting.Value)), ("OTEL_BSP_SCHEDULE_DELAY", "100")];
        Aggregator(epochs: 1, settings);
        for (var i = 0; i < 5; i++)
            Worker(settings);

        await RunUntil(r => Status(r) == "completed");

        var round = new RoundSpans(receiver, "rabbit", 1);
        await Eventually.Holds(() => Task.FromResult(round.AreComplete()), () => string.Join('\n', receiver.Spans));
        round.Check(aggregator: "fedqueue-aggregator", worker: "fedqueue-worker");
    }

    [DockerFact]
    public async Task A_password_that_the_broker_refuses_ends_the_start_with_a_sentence_and_status_2()
    {
        foreach (var program in new[] { services.Aggregator(("FedQueue__RabbitMq__Password", "wrong")), Worker(("FedQueue__RabbitMq__Password", "wrong")) })
        {
            Assert.Equal(2, await program.Exit());
            Assert.Contains("RabbitMQ refuses the connection (ACCESS_REFUSED", program.Error, StringComparison.Ordinal);
            Assert.Contains("; check what is set under FedQueue:RabbitMq.", program.Error, StringComparison.Ordinal);
        }
    }

    [DockerFact]
    public async Task A_virtual_host_that_is_not_there_ends_the_start_with_a_sentence_and_status_2()
    {
        foreach (var program in new[] { services.Aggregator(("FedQueue__RabbitMq__VirtualHost", "nowhere")), Worker(("FedQueue__RabbitMq__VirtualHost", "nowhere")) })
        {
            Assert.Equal(2, await program.Exit());
            Assert.Contains("RabbitMQ refuses the connection (NOT_ALLOWED - vhost nowhere not found); check what is set under FedQueue:RabbitMq.", program.Error, StringComparison.Ordinal);
        }
    }

    [DockerFact]
    public async Task A_user_who_may_make_no_queues_ends_the_start_with_a_sentence_that_names_user_and_virtual_host_and_status_2()
    {
        var virtualHost = await broker.NewVirtualHost(rights: "^$");
        foreach (var program in new[] { services.Aggregator(("FedQueue__RabbitMq__VirtualHost", virtualHost)), Worker(("FedQueue__RabbitMq__VirtualHost", virtualHost)) })
        {
            Assert.Equal(2, await program.Exit());
            Assert.Contains(
                $"does not let user '{Broker.User}' do in virtual host '{virtualHost}' what FedQueue needs (ACCESS_REFUSED - configure access to queue", program.Error, StringComparison.Ordinal);
        }

        await broker.Delete(virtualHost);
    }

    private RunningProgram Aggregator(int epochs, params (string Name, string Value)[] settings) => services.Aggregator(
    [
        ("FedQueue__Run__AutoStart", "true"),
        ("FedQueue__Run__Id", "rabbit"),
        ("FedQueue__Run__Seed", "7"),
        ("FedQueue__Run__Rounds", "3"),
        ("FedQueue__Run__Epochs", $"{epochs}"),
        .. settings,
    ]);

    private RunningProgram Worker(params (string Name, string Value)[] settings) => services.Worker(settings);

    private async Task<JsonElement> RunUntil(Func<JsonElement, bool> condition)
    {
        JsonElement run = default;
        await Eventually.Holds(async () =>
        {
            Assert.All(services.Programs, program => Assert.True(program.ExitCode is null or 137, $"a program ended with {program.ExitCode}: {program.Error}"));
            try
            {
                run = await http.GetFromJsonAsync<JsonElement>(Url("/api/runs/rabbit"));
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
        }, () => $"{run}\n{string.Join('\n', services.Programs.Select(p => p.Error))}");
        return run;
    }

    private string Url(string path) => services.Url(path);

    private static string Status(JsonElement run) => run.GetProperty("status").GetString()!;
}
