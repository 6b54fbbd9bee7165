using System.Buffers.Binary;
using FedQueue.Contracts;
using FedQueue.Worker.Training;

namespace FedQueue.System.Tests.OneProcess;

public sealed class SimulateTests : IDisposable
{
    private static readonly string[] Tiny = ["--rounds", "2", "--epochs", "1", "--workers", "2"];

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task The_same_seed_gives_the_same_bits_on_one_and_on_all_processors_and_another_seed_gives_others()
    {
        var all = await Simulate.Sha256OfSmallJob();

        await using var one = RunningProgram.Start("taskset", null,
            ["-c", "0", "dotnet", Repository.CommandLine, "simulate", "--json", "--data", Repository.Data, "--out", folder.Path, .. Simulate.SmallJob]);
        Assert.Equal(0, await one.Exit());
        Assert.Equal(all, Simulate.LastLine(one).GetProperty("weightsSha256").GetString());

        Assert.Equal(all, (await Simulate.Json(Simulate.SmallJob)).GetProperty("weightsSha256").GetString());
        Assert.NotEqual(all, (await Simulate.Json("--seed", "8", "--rounds", "3", "--epochs", "20")).GetProperty("weightsSha256").GetString());
    }

    /// <summary>Two layers and a number of units that no vector divides. What the switch leaves is looked at, because runtimes rename their switches.</summary>
    [Theory]
    [InlineData("DOTNET_EnableAVX512", 256)]
    [InlineData("DOTNET_EnableAVX2", 128)]
    [InlineData("DOTNET_EnableHWIntrinsic", 32)]
    public async Task The_simd_engine_gives_the_same_bits_without_an_instruction_set_of_the_processor(string instructions, int bitsLeft)
    {
        await Compare("--engine", "simd", "--units", "19", "--layers", "2", "--rounds", "1", "--epochs", "1", "--workers", "2");
        await Compare(Simulate.ManyUnits(folder));

        async Task Compare(params string[] job)
        {
            var all = await Simulate.Json(job);
            var (fewer, said) = await Simulate.Run(new Dictionary<string, string> { [instructions] = "0" }, job);

            Assert.Contains($"engine simd, vectors of {Math.Min(SimdTrainer.VectorBits, bitsLeft)} bits", said, StringComparison.Ordinal);
            Assert.Equal(all.GetProperty("weightsSha256").GetString(), fewer.GetProperty("weightsSha256").GetString());
        }
    }

    [Theory]
    [InlineData("simd", false)]
    [InlineData("auto", false)]
    [InlineData("torch", true)]
    public async Task Only_the_torch_engine_loads_libtorch(string engine, bool loads)
    {
        await using var program = Simulate.Start("--data", Repository.Data, "--out", folder.Path, "--epochs", "100000", "--engine", engine);

        await program.Until(p => p.Output.Contains("epoch 1/", StringComparison.Ordinal), "it trains");

        Assert.Equal(loads, (await File.ReadAllTextAsync($"/proc/{program.Id}/maps")).Contains("libtorch", StringComparison.Ordinal));
        await program.Signal(2);
        await program.Exit();
    }

    [Fact]
    public async Task Both_engines_come_to_the_same_errors()
    {
        string[] job = ["--rounds", "2", "--epochs", "20", "--workers", "2"];

        var simd = (await Simulate.Json([.. job, "--engine", "simd"])).GetProperty("mse").GetDouble();
        var torch = (await Simulate.Json([.. job, "--engine", "torch"])).GetProperty("mse").GetDouble();

        Assert.InRange(simd / torch, 0.99, 1.01);
    }

    [Fact]
    public async Task Json_is_the_last_line_of_standard_output_and_names_the_model_that_was_saved()
    {
        await using var program = Start(["--json", .. Tiny]);

        Assert.Equal(0, await program.Exit());
        var result = Simulate.LastLine(program);
        Assert.Single(program.Output.TrimEnd().Split('\n'));
        Assert.Equal(("completed", 2, 2), (result.GetProperty("status").GetString(), result.GetProperty("rounds").GetInt32(), result.GetProperty("participants").GetInt32()));
        var (mse, rmse) = (result.GetProperty("mse").GetDouble(), result.GetProperty("rmse").GetDouble());
        Assert.Equal(rmse, Math.Sqrt(mse), 1e-9);
        Assert.InRange(result.GetProperty("mae").GetDouble(), 0, rmse);
        Assert.True(result.GetProperty("seconds").GetDouble() > 0);

        var model = await File.ReadAllBytesAsync(result.GetProperty("model").GetString()!);
        var weights = model[(8 + (int)BinaryPrimitives.ReadUInt64LittleEndian(model))..];
        Assert.Equal(result.GetProperty("weightsSha256").GetString(), WeightBytes.Sha256(weights));
    }

    [Fact]
    public async Task A_person_sees_progress_the_errors_of_every_round_and_the_final_table()
    {
        await using var program = Start(Tiny);

        Assert.Equal(0, await program.Exit());
        var said = program.Output;
        Assert.Contains("round 2: task_005 epoch 1/1", said, StringComparison.Ordinal);
        Assert.Contains("initial model", said, StringComparison.Ordinal);
        Assert.Contains("after round 2/2", said, StringComparison.Ordinal);
        Assert.Contains("Global model on held-out windows", said, StringComparison.Ordinal);
        Assert.Matches("SHA-256 of the final weights: [0-9a-f]{64}", said);
        Assert.Matches(@"Model: .*\.safetensors", said);
        Assert.Equal("", program.Error);
    }

    [Theory]
    [InlineData(600)]
    [InlineData(1000)]
    [InlineData(1400)]
    public async Task An_interruption_while_the_program_starts_ends_it_too(int milliseconds)
    {
        await using var program = Simulate.Start("--data", Repository.Data, "--out", folder.Path, "--epochs", "100000");

        // A moment of the start is what is tested here; whatever it has come to, it must end.
        using var moment = new PeriodicTimer(TimeSpan.FromMilliseconds(milliseconds));
        await moment.WaitForNextTickAsync();
        await program.Signal(2);

        Assert.Equal(130, await program.Exit());
        Assert.DoesNotContain("   at ", program.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_that_cannot_finish_in_time_fails_with_status_1_and_says_who_was_missing()
    {
        await using var program = Start("--json", "--epochs", "100000", "--deadline", "1s", "--workers", "2");

        Assert.Equal(1, await program.Exit());
        var result = Simulate.LastLine(program);
        Assert.Equal("failed", result.GetProperty("status").GetString());
        Assert.Equal("Round 1 had 0 of at least 2 submissions at its deadline (1 s); missing: task_001, task_005.", result.GetProperty("reason").GetString());
    }

    public static TheoryData<string[], string> WrongUses() => new()
    {
        { ["simulate", "--data", "no-such-folder"], "no-such-folder" },
        { ["simulate", "--wrokers", "3"], "--wrokers" },
        { ["simulate", "--rounds", "many"], "many" },
        { ["simulate", "--rounds", "0"], "The number of rounds is 0" },
        { ["simulate", "--workers", "6"], "--workers is 6" },
        { ["simulate", "--goal", "6"], "The goal of 6 submissions exceeds the 5 participants" },
        { ["simulate", "--rule", "median"], "choose one of fedavg, mean" },
        { ["simulate", "--deadline", "soon"], "'soon' is no time" },
        { ["simulate", "--target", "Speeed"], "Speeed" },
        { ["simulate", "--files", "node_*"], "node_*" },
        { [], "simulate" },
    };

    [Theory]
    [MemberData(nameof(WrongUses))]
    public async Task Wrong_use_and_unusable_input_get_a_sentence_and_status_2(string[] arguments, string part)
    {
        await using var program = RunningProgram.FedQueue(arguments);

        Assert.Equal(2, await program.Exit());
        Assert.Contains(part, program.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", program.Error, StringComparison.Ordinal);
    }

    private RunningProgram Start(params string[] arguments) =>
        RunningProgram.FedQueue(["simulate", "--data", Repository.Data, "--out", folder.Path, .. arguments]);
}
