using System.Globalization;
using System.Net;
using System.Text.Json;
using FedQueue.Cli;
using FedQueue.Cli.Runs;
using FedQueue.Cli.Simulation;
using FedQueue.Cli.Simulation.Comparisons;
using FedQueue.Contracts;
using FedQueue.Worker.Data;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace FedQueue.System.Tests.OneProcess;

/// <summary>What somebody meets who has never used the command, with files that nobody here has made.</summary>
public sealed class NewcomerTests : IDisposable
{
    private static readonly string[] Tiny = ["--rounds", "1", "--epochs", "1", "--compare", "none"];

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Names_that_differ_in_case_only_are_refused_before_anything_starts()
    {
        var data = Files("a.csv", "A.csv");

        var error = await Refusal(["simulate", "--data", data, "--out", Out, .. Tiny]);

        Assert.Equal($"{data} holds A.csv and a.csv, whose names differ in upper and lower case only; rename one of them, because not every system tells them apart.", error.Trim());
        Assert.False(Directory.Exists(Out));
    }

    [Fact]
    public async Task A_host_that_dies_ends_the_command_with_a_sentence_and_the_way_to_go_on()
    {
        var participants = DataDirectory.List(Repository.Data);
        var run = new StartRun { RunId = "dies", Plan = new RunPlan { Participants = 5, Rounds = 1_000 } };
        var file = SimulationFile.Of(run.RunId, Repository.Data, participants);
        await using var simulation = new Simulation(
            LocalDatabase.MakeModel(), run, file, Repository.Data, new RunFolder(Out, run.RunId), new Cli.Simulation.Ending(Compared.None, null), new Shown(Json: true, Quiet: false),
            services => services.AddHostedService<Failing>());

        var stopped = await Assert.ThrowsAsync<RunStoppedException>(() => simulation.Begin([], CancellationToken.None)).WaitAsync(Hang.Limit);

        Assert.StartsWith("The simulation stopped by itself: a part of it broke. ", stopped.Message, StringComparison.Ordinal);
        Assert.Matches("start it anew|./fedqueue simulate --resume dies", stopped.Message);
    }

    [Fact]
    public async Task Of_many_participants_the_tables_show_the_worst_the_median_and_the_best_and_json_has_all()
    {
        var data = Files([.. Enumerable.Range(1, 40).Select(i => $"site_{i:00}.csv")]);

        await using var program = RunningProgram.FedQueue(["simulate", "--data", data, "--out", Out, "--rounds", "1", "--epochs", "1", "--compare", "local", "--json"]);
        Assert.True(await program.Exit() == 0, program.Error);

        Assert.Contains("then the worst, median and best RMSE of 40 participants", program.Error, StringComparison.Ordinal);
        Assert.All(program.Error.Split('\n'), line => Assert.True(line.Length < 600, line));
        Assert.DoesNotContain(" warn 2", program.Error, StringComparison.Ordinal);
        Assert.Equal(40, Simulate.LastLine(program).GetProperty("comparison").GetProperty("federated").GetProperty("participants").EnumerateObject().Count());
    }

    [Fact]
    public async Task The_last_rows_are_predicted_as_they_are_in_the_whole_file_and_an_unknown_file_is_refused()
    {
        var model = (await Train(["--rounds", "2", "--epochs", "10", "--compare", "none"])).GetProperty("model").GetString()!;
        var whole = Path.Combine(Repository.Data, "task_001.csv");
        var lines = await File.ReadAllLinesAsync(whole);
        var (own, other) = (Path.Combine(folder.Path, "task_001.csv"), Path.Combine(folder.Path, "last.csv"));
        foreach (var path in new[] { own, other })
            await File.WriteAllLinesAsync(path, [lines[0], .. lines[^30..]]);

        var expected = await Last(whole);
        Assert.Equal(expected, await Last(own), 1e-6);
        Assert.Equal(expected, await Last(other, "--participant", "task_001"), 1e-6);
        Assert.Equal(expected, await Last(other, "--scale-from", whole), 1e-6);
        Assert.NotEqual(expected, await Last(other, "--participant", "task_014"), 1e-2);

        Assert.Contains("cannot go together", await Refusal(["model", "predict", "--model", model, "--data", other, "--participant", "task_014", "--scale-from", whole]), StringComparison.Ordinal);
        var refused = await Refusal(["model", "predict", "--model", model, "--data", other]);
        Assert.Contains($"{other} is not named after one whose ranges are known: give a CSV file to scale by with --scale-from", refused, StringComparison.Ordinal);
        Assert.Contains("task_001, task_005, task_009, task_010, task_014 with --participant", refused, StringComparison.Ordinal);
        Assert.Contains("--scale-from", await Refusal(["model", "evaluate", "--model", model, "--data", other]), StringComparison.Ordinal);

        async Task<double> Last(string data, params string[] options)
        {
            var csv = await Answer(["model", "predict", "--model", model, "--data", data, .. options]);
            return double.Parse(csv.TrimEnd().Split('\n')[^1].Split(',')[2], CultureInfo.InvariantCulture);
        }
    }

    [Fact]
    public async Task A_run_that_makes_its_model_worse_says_so_and_what_to_try()
    {
        await using var program = RunningProgram.FedQueue(["simulate", "--data", Repository.Data, "--out", Out, "--rounds", "2", "--epochs", "5", "--learning-rate", "1", "--compare", "none", "--json"]);
        Assert.True(await program.Exit() == 0, program.Error);

        var warnings = Simulate.LastLine(program).GetProperty("warnings").EnumerateArray().Select(warning => warning.GetString()!).ToList();
        Assert.NotEmpty(warnings);
        Assert.All(warnings, warning => Assert.Contains(warning, program.Error, StringComparison.Ordinal));
        Assert.Contains(warnings, warning => warning.StartsWith("The final model is worse than '", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("a pipe")]
    [InlineData("/dev/zero")]
    public async Task What_is_no_file_is_refused_as_a_model_without_reading_it(string what)
    {
        var path = what;
        if (what == "a pipe")
        {
            path = Path.Combine(folder.Path, "pipe");
            await using var make = RunningProgram.Start("mkfifo", null, path);
            Assert.Equal(0, await make.Exit());
        }

        Assert.StartsWith($"{path} cannot be used: it is empty, a pipe or a device", await Refusal(["model", "show", "--model", path]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_large_file_that_is_no_model_is_refused_after_its_header()
    {
        var path = Path.Combine(folder.Path, "large.safetensors");
        await using (var file = File.Create(path))
            file.SetLength(8L << 30);

        Assert.StartsWith($"{path} cannot be used: ", await Refusal(["model", "show", "--model", path]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_proxy_is_not_asked_for_this_machine_and_named_when_it_fails()
    {
        var proxy = $"http://127.0.0.1:{Network.FreePort()}";
        var settings = new Dictionary<string, string> { ["HTTP_PROXY"] = proxy, ["http_proxy"] = proxy };
        var port = Network.FreePort();
        using var server = new HttpListener();
        server.Prefixes.Add($"http://localhost:{port}/");
        server.Start();
        var answering = Task.Run(async () =>
        {
            var request = await server.GetContextAsync();
            request.Response.ContentType = "application/json";
            await request.Response.OutputStream.WriteAsync("[]"u8.ToArray());
            request.Response.Close();
        });

        await using var near = RunningProgram.Start("dotnet", settings, Repository.CommandLine, "run", "list", "--server", $"http://localhost:{port}");
        Assert.True(await near.Exit() == 0, near.Error);
        await answering;

        await using var far = RunningProgram.Start("dotnet", settings, Repository.CommandLine, "run", "list", "--server", "http://aggregator.example:8080");
        Assert.Equal(2, await far.Exit());
        Assert.Contains($"(through the proxy {proxy} of the environment)", far.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("simulate --rounds x", "--rounds is 'x'; give a whole number.")]
    [InlineData("simulate --compare everything", "--compare is 'everything'; give one of none, local, central.")]
    [InlineData("simulate --round 3", "'--round' is not known to 'simulate'; did you mean --rounds?")]
    [InlineData("simulat", "'simulat' is not known to fedqueue; did you mean simulate?")]
    [InlineData("run shwo mine", "'shwo' is not known to 'run'; did you mean show?")]
    [InlineData("data check --target Progres Data", "did you mean 'Progress'?")]
    [InlineData("run show mine --last 0", "--last is 0; give a number from 1 on.")]
    [InlineData("run show mine --last abc", "--last is 'abc'; give a whole number.")]
    [InlineData("run start --compare foo", "--compare is 'foo'; give one of none, local, central.")]
    public async Task A_mistake_gets_a_sentence_without_types_and_what_was_meant_and_json_has_it(string command, string sentence)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();

        Assert.Equal(2, await CommandLine.Run([.. command.Replace("Data", Repository.Data, StringComparison.Ordinal).Split(' '), "--json"], output, error));

        Assert.Contains(sentence, error.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("System.", error.ToString(), StringComparison.Ordinal);
        using var answer = JsonDocument.Parse(output.ToString().TrimEnd().Split('\n')[^1]);
        if (!command.StartsWith("data check", StringComparison.Ordinal))
            Assert.Equal("refused", answer.RootElement.GetProperty("status").GetString());
    }

    [Fact]
    public async Task A_folder_without_data_offers_data_and_one_that_cannot_be_written_to_says_so()
    {
        Directory.CreateDirectory(Out);
        Assert.Contains("Name the folder with your data with --data, or make the example's data with: fedqueue data generate --out ", await Refusal(["simulate", "--data", Out]), StringComparison.Ordinal);

        var file = Path.Combine(folder.Path, "file");
        await File.WriteAllTextAsync(file, "");
        Assert.Matches("^The folder .* cannot be made .* or name another folder with --out", await Refusal(["simulate", "--data", Repository.Data, "--out", Path.Combine(file, "runs"), .. Tiny]));
    }

    [Fact]
    public async Task Quiet_prints_the_result_alone_and_show_prints_the_last_rounds_and_calls_the_evaluation_by_its_name()
    {
        await using var program = RunningProgram.FedQueue(["simulate", "--data", Repository.Data, "--out", Out, "--rounds", "3", "--epochs", "1", "--compare", "none", "--quiet"]);
        Assert.True(await program.Exit() == 0, program.Error);
        Assert.DoesNotContain("epoch 1/1", program.Output, StringComparison.Ordinal);
        Assert.Contains("SHA-256 of the final weights: ", program.Output, StringComparison.Ordinal);

        var run = Path.GetFileName(Assert.Single(Directory.GetDirectories(Out)));
        var rounds = (await Answer(["run", "show", run, "--out", Out, "--last", "1"])).Split('\n').Where(line => line.TrimStart().Length > 0 && char.IsAsciiDigit(line.TrimStart()[0])).ToList();
        Assert.StartsWith("3 ", Assert.Single(rounds).TrimStart(), StringComparison.Ordinal);
        var history = await Answer(["run", "history", run, "--out", Out]);
        Assert.Contains("Z  evaluation  evaluated", history, StringComparison.Ordinal);
        Assert.DoesNotContain("round 4", history, StringComparison.Ordinal);

        Assert.Contains(run, (await Answer(["[suggest:99]", $"fedqueue run show --out {Out} "])).Split('\n'));
        Assert.DoesNotContain("/?", await Answer(["[suggest:9]", "fedqueue "]), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task A_terminal_that_was_closed_and_a_quit_end_a_run_as_an_interruption_does(int signal)
    {
        await using var program = Simulate.Start("--data", Repository.Data, "--out", Out, "--json", "--epochs", "100000", "--deadline", "1h");
        await program.Until(p => p.Error.Contains("epoch 1/", StringComparison.Ordinal), "it trains");

        await program.Signal(signal);

        Assert.Equal(130, await program.Exit());
        Assert.Contains("Interrupted in round 1. To go on: ./fedqueue simulate --resume ", program.Error, StringComparison.Ordinal);
        Assert.Equal("interrupted", Simulate.LastLine(program).GetProperty("status").GetString());
    }

    private string Out => Path.Combine(folder.Path, "runs");

    /// <summary>A folder of small files with these names.</summary>
    private string Files(params string[] names)
    {
        var data = Directory.CreateDirectory(Path.Combine(folder.Path, "data")).FullName;
        var lines = File.ReadLines(Path.Combine(Repository.Data, "task_001.csv")).Take(41).ToList();
        foreach (var name in names)
            File.WriteAllLines(Path.Combine(data, name), lines);
        return data;
    }

    private async Task<JsonElement> Train(string[] options)
    {
        await using var program = RunningProgram.FedQueue(["simulate", "--data", Repository.Data, "--out", Out, "--json", .. options]);
        Assert.True(await program.Exit() == 0, program.Error);
        return Simulate.LastLine(program);
    }

    private static async Task<string> Answer(string[] arguments)
    {
        await using var program = RunningProgram.FedQueue(arguments);
        Assert.True(await program.Exit() == 0, program.Output + program.Error);
        return program.Output;
    }

    private static async Task<string> Refusal(string[] arguments)
    {
        await using var program = RunningProgram.FedQueue(arguments);
        Assert.True(await program.Exit() == 2, program.Output + program.Error);
        Assert.DoesNotContain("   at ", program.Error, StringComparison.Ordinal);
        return program.Error;
    }

    private sealed class Failing : BackgroundService
    {
        protected override async Task ExecuteAsync(CancellationToken stoppingToken)
        {
            await Task.Yield();
            throw new InvalidOperationException("a part of it broke");
        }
    }
}
