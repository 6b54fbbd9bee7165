using System.Globalization;
using System.Text.RegularExpressions;
using FedQueue.Worker.Training;

namespace FedQueue.System.Tests.OneProcess;

public sealed class ResumeTests : IDisposable
{
    private static readonly string[] Endless = ["--epochs", "100000"];
    private static readonly string[] Tiny = ["--rounds", "1", "--epochs", "1", "--workers", "2"];

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task After_an_interruption_the_last_line_says_how_to_go_on_and_doing_so_ends_with_the_bits_of_an_uninterrupted_run()
    {
        await using var first = Simulate.Start(["--data", Repository.Data, "--out", folder.Path, .. Simulate.InterruptibleJob]);
        await first.Until(p => p.Output.Contains("  round 2: ", StringComparison.Ordinal), "round 2 is trained");
        await first.Signal(2);

        Assert.Equal(130, await first.Exit());
        var command = first.Output.TrimEnd().Split('\n')[^1];
        var round = Regex.Match(command, "^Interrupted in (round [2-5])\\. ").Groups[1].Value;
        Assert.Equal($"Interrupted in {round}. To go on: ./fedqueue simulate --resume {Run} --out {folder.Path}", command);

        await using var second = RunningProgram.FedQueue(command[command.IndexOf("simulate", StringComparison.Ordinal)..].Split(' '));
        Assert.True(await second.Exit() == 0, second.Output + second.Error);
        Assert.StartsWith($"Run {Run} goes on in {round}: 5 participants, 5 rounds of 100 epochs, fedavg, seed 7, engine simd, vectors of {SimdTrainer.VectorBits} bits\n", second.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("  round 1: ", second.Output, StringComparison.Ordinal);
        Assert.Contains($"SHA-256 of the final weights: {await Simulate.Sha256OfInterruptibleJob()}\n", second.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_whose_process_was_killed_twice_goes_on_at_once_and_ends_with_the_same_bits()
    {
        await using (var first = Simulate.Start(["--data", Repository.Data, "--out", folder.Path, .. Simulate.InterruptibleJob]))
        {
            await first.Until(p => p.Output.Contains("  round 1: ", StringComparison.Ordinal), "round 1 is trained");
            await Kill(first);
        }

        await using (var second = Simulate.Start("--out", folder.Path, "--resume", Run))
        {
            await second.Until(p => p.Output.Contains("  round ", StringComparison.Ordinal), "it is trained again");
            await Refuses("is in use by another FedQueue; stop that one first", "--out", folder.Path, "--resume", Run);
            await second.Until(p => p.Output.Contains("  round 2: ", StringComparison.Ordinal), "round 2 is trained");
            await Kill(second);
        }

        await Tamper.LengthenLeases(Database);
        await using var third = Simulate.Start("--out", folder.Path, "--resume", Run, "--json");
        Assert.True(await third.Exit() == 0, third.Output + third.Error);
        Assert.Matches($"(?m)^Run {Run} goes on in round [2-5]: ", third.Error);
        var result = Simulate.LastLine(third);
        Assert.Equal(("completed", 5), (result.GetProperty("status").GetString(), result.GetProperty("participants").GetInt32()));
        Assert.Equal(await Simulate.Sha256OfInterruptibleJob(), result.GetProperty("weightsSha256").GetString());
    }

    [Fact]
    public async Task A_run_that_was_killed_between_two_rounds_opens_the_next_one_with_everybody()
    {
        await using (var whole = RunningProgram.FedQueue(["simulate", "--data", Repository.Data, "--out", folder.Path, .. Simulate.SmallJob]))
            Assert.Equal(0, await whole.Exit());
        await Tamper.TakeBackEverythingAfter(Database, round: 3);

        await using var resumed = Simulate.Start("--out", folder.Path, "--resume", Run, "--json");

        Assert.True(await resumed.Exit() == 0, resumed.Output + resumed.Error);
        Assert.Contains($"Run {Run} goes on in the evaluation of the final model: ", resumed.Error, StringComparison.Ordinal);
        Assert.Equal(await Simulate.Sha256OfSmallJob(), Simulate.LastLine(resumed).GetProperty("weightsSha256").GetString());
        var table = resumed.Error.Split('\n').Single(line => line.StartsWith("    3 ", StringComparison.Ordinal));
        Assert.DoesNotContain(" -", table, StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_json_an_interrupted_run_is_an_object_on_the_last_line_too()
    {
        await using var program = Simulate.Start(["--json", "--data", Repository.Data, "--out", folder.Path, .. Endless]);
        await program.Until(p => p.Error.Contains("epoch ", StringComparison.Ordinal), "training has begun");
        await program.Signal(2);

        Assert.Equal(130, await program.Exit());
        Assert.Single(program.Output.TrimEnd().Split('\n'));
        var result = Simulate.LastLine(program);
        Assert.Equal((Run, "interrupted"), (result.GetProperty("run").GetString(), result.GetProperty("status").GetString()));
        Assert.Contains("Interrupted in round 1. To go on: ./fedqueue simulate --resume ", program.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_that_had_completed_shows_its_table_and_its_json_again()
    {
        await using var first = RunningProgram.FedQueue(["simulate", "--json", "--compare", "none", "--data", Repository.Data, "--out", folder.Path, .. Tiny]);
        Assert.Equal(0, await first.Exit());

        await using var again = RunningProgram.FedQueue("simulate", "--json", "--compare", "none", "--resume", Run, "--out", folder.Path);

        Assert.True(await again.Exit() == 0, again.Error);
        Assert.Equal(Result(first), Result(again));
        Assert.Contains($"Run {Run} has ended before; nothing of it is left to do.", again.Error, StringComparison.Ordinal);
        Assert.Contains("Global model on held-out windows", again.Error, StringComparison.Ordinal);

        static string Result(RunningProgram program) =>
            string.Join('\n', Simulate.LastLine(program).EnumerateObject().Where(p => p.Name != "seconds").Select(p => p.ToString()));
    }

    [Fact]
    public async Task A_run_that_had_completed_gets_the_comparison_and_the_report_that_its_process_did_not_come_to()
    {
        await using var first = RunningProgram.FedQueue(["simulate", "--compare", "none", "--data", Repository.Data, "--out", folder.Path, .. Tiny]);
        Assert.Equal(0, await first.Exit());

        await using var again = RunningProgram.FedQueue("simulate", "--compare", "local", "--resume", Run, "--out", folder.Path, "--report", folder.Path);
        Assert.True(await again.Exit() == 0, again.Error);
        Assert.Contains("\nown data alone, 1 epochs ", again.Output, StringComparison.Ordinal);
        Assert.Contains("<h2>What it was good for</h2>", await File.ReadAllTextAsync(Path.Combine(folder.Path, $"{Run}.html")), StringComparison.Ordinal);

        // The run itself needs its data no more.
        await using var elsewhere = RunningProgram.FedQueue("simulate", "--compare", "local", "--resume", Run, "--out", folder.Path, "--data", folder.Path);
        Assert.Equal(0, await elsewhere.Exit());
        Assert.Contains("There is no comparison: ", elsewhere.Output, StringComparison.Ordinal);
        Assert.Contains("task_001.csv is missing", elsewhere.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_was_asked_for_at_the_beginning_holds_when_the_run_is_resumed()
    {
        await using var first = RunningProgram.FedQueue(["simulate", "--compare", "none", "--report", folder.Path, "--data", Repository.Data, "--out", folder.Path, .. Tiny]);
        Assert.Equal(0, await first.Exit());
        File.Delete(Path.Combine(folder.Path, $"{Run}.html"));

        await using var again = RunningProgram.FedQueue("simulate", "--resume", Run, "--out", folder.Path);

        Assert.True(await again.Exit() == 0, again.Error);
        Assert.DoesNotContain("own data alone", again.Output, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(folder.Path, $"{Run}.html")));
    }

    [Theory]
    [InlineData("\"task_005\"", "\"TASK_001\"", "differ at most in upper and lower case")]
    [InlineData("\"task_001.csv\"", "\"../../x\"", "is '../../x', which is no name of a file in the data's folder")]
    [InlineData("\"participant\": \"task_005\"", "\"who\": \"task_005\"", "cannot be read")]
    [InlineData("\"participants\": [", "\"participants\": null, \"others\": [", "cannot be read")]
    public async Task A_simulation_file_that_was_altered_gets_a_sentence_and_status_2(string was, string now, string sentence)
    {
        await using (var first = RunningProgram.FedQueue(["simulate", "--data", Repository.Data, "--out", folder.Path, "--deadline", "1h", "--workers", "2", .. Endless]))
        {
            await first.Until(p => p.Output.Contains("epoch 1/", StringComparison.Ordinal), "it trains");
            first.Kill();
            await first.Exit();
        }

        var file = Path.Combine(folder.Path, Run, "simulation.json");
        await File.WriteAllTextAsync(file, (await File.ReadAllTextAsync(file)).Replace(was, now, StringComparison.Ordinal));
        await using var again = RunningProgram.FedQueue("simulate", "--resume", Run, "--out", folder.Path, "--json");

        Assert.Equal(2, await again.Exit());
        Assert.Contains(sentence, again.Error, StringComparison.Ordinal);
        Assert.Equal("refused", Simulate.LastLine(again).GetProperty("status").GetString());
    }

    [Theory]
    [InlineData("{", "cannot be read")]
    [InlineData("{\"Rounds\": 0}", "The number of rounds is 0")]
    [InlineData("{\"Columns\": null}", "cannot be read")]
    public async Task A_plan_that_was_altered_in_the_database_gets_a_sentence_and_status_2(string plan, string sentence)
    {
        await using (var first = RunningProgram.FedQueue(["simulate", "--data", Repository.Data, "--out", folder.Path, "--deadline", "1h", "--workers", "2", .. Endless]))
        {
            await first.Until(p => p.Output.Contains("epoch 1/", StringComparison.Ordinal), "it trains");
            first.Kill();
            await first.Exit();
        }

        await using (var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={Path.Combine(folder.Path, Run, "fedqueue.db")};Pooling=False"))
        {
            await connection.OpenAsync();
            await using var command = connection.CreateCommand();
            command.CommandText = "UPDATE Runs SET PlanJson = $plan";
            command.Parameters.AddWithValue("$plan", plan);
            await command.ExecuteNonQueryAsync();
        }

        foreach (var arguments in new string[][] { ["simulate", "--resume", Run], ["run", "show", Run] })
        {
            await using var again = RunningProgram.FedQueue([.. arguments, "--out", folder.Path]);
            if (arguments[0] == "run" && plan.Contains("Rounds", StringComparison.Ordinal))
                continue;
            Assert.Equal(2, await again.Exit());
            Assert.Contains(sentence, again.Error, StringComparison.Ordinal);
            Assert.DoesNotContain("   at ", again.Error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_run_that_had_failed_says_why_again_with_status_1()
    {
        await using (var first = RunningProgram.FedQueue(["simulate", "--data", Repository.Data, "--out", folder.Path, "--deadline", "1s", "--workers", "2", .. Endless]))
            Assert.Equal(1, await first.Exit());

        await using var again = RunningProgram.FedQueue("simulate", "--resume", Run, "--out", folder.Path);

        Assert.Equal(1, await again.Exit());
        Assert.Contains($"Run {Run} failed: Round 1 had 0 of at least 2 submissions at its deadline (1 s)", again.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Data_that_changed_or_is_missing_is_refused_by_name_and_data_that_moved_is_found_with_data()
    {
        var (data, moved) = (Path.Combine(folder.Path, "data"), Path.Combine(folder.Path, "moved"));
        var runs = Path.Combine(folder.Path, "runs");
        Directory.CreateDirectory(data);
        foreach (var name in new[] { "task_001.csv", "task_005.csv" })
            File.Copy(Path.Combine(Repository.Data, name), Path.Combine(data, name));
        await using (var first = Simulate.Start(["--data", data, "--out", runs, .. Simulate.InterruptibleJob]))
        {
            await first.Until(p => p.Output.Contains("  round 1: ", StringComparison.Ordinal), "round 1 is trained");
            await Kill(first);
        }

        var (run, file) = (Path.GetFileName(Directory.GetDirectories(runs).Single()), Path.Combine(data, "task_005.csv"));
        var original = await File.ReadAllTextAsync(file);
        await File.AppendAllTextAsync(file, original[original.TrimEnd().LastIndexOf('\n')..]);
        await Refuses($"{file} has changed since run {run} began", "--resume", run, "--out", runs);

        File.Delete(file);
        await Refuses($"{file} is missing, and run {run} trains on it", "--resume", run, "--out", runs);

        await File.WriteAllTextAsync(file, original);
        Directory.Move(data, moved);
        await Refuses($"{Path.Combine(data, "task_001.csv")} is missing", "--resume", run, "--out", runs);
        await using var resumed = RunningProgram.FedQueue("simulate", "--resume", run, "--out", runs, "--data", moved);
        Assert.True(await resumed.Exit() == 0, resumed.Output + resumed.Error);
    }

    [Fact]
    public async Task An_unknown_run_gets_a_list_of_those_there_are()
    {
        await Refuses($"There is no run 'mine' in {folder.Path}; no run has been there; --out names another folder.", "--resume", "mine", "--out", folder.Path);

        foreach (var number in Enumerable.Range(1, 7))
        {
            var other = Directory.CreateDirectory(Path.Combine(folder.Path, string.Create(CultureInfo.InvariantCulture, $"run-{number}")));
            await File.WriteAllTextAsync(Path.Combine(other.FullName, "fedqueue.db"), "");
        }

        await Refuses("the newest of 7 are run-7, run-6, run-5, run-4, run-3; --out names another folder.", "--resume", "../mine", "--out", folder.Path);
        await Refuses("Run run-7 was interrupted before anything of it was stored", "--resume", "run-7", "--out", folder.Path);
    }

    [Fact]
    public Task Options_of_the_plan_are_refused_together_with_resume() => Refuses(
        "--files, --workers, --rounds, --seed, --target cannot go with --resume: the plan of a run is fixed when it begins.",
        "--resume", "mine", "--out", folder.Path, "--rounds", "10", "--seed", "1", "--workers", "2", "--files", "*", "--target", "Progress");

    private string Run => Path.GetFileName(Directory.GetDirectories(folder.Path).Single());

    private string Database => Path.Combine(folder.Path, Run, "fedqueue.db");

    private static async Task Kill(RunningProgram program)
    {
        program.Kill();
        await program.Exit();
    }

    private static async Task Refuses(string part, params string[] arguments)
    {
        await using var program = RunningProgram.FedQueue(["simulate", .. arguments]);
        Assert.Equal(2, await program.Exit());
        Assert.Contains(part, program.Error, StringComparison.Ordinal);
        Assert.Single(program.Error.TrimEnd().Split('\n'));
    }
}
