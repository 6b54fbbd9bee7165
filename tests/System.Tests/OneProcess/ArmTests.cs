namespace FedQueue.System.Tests.OneProcess;

/// <summary>An emulation computes on one processor for a minute and a half, so others run beside it.</summary>
[Collection("emulation of ARM")]
public sealed class ArmTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    /// <summary>The whole program in an emulation of the processor, from the database to the average: .NET's runtime for ARM, its compiler and NEON.</summary>
    [ArmFact]
    public async Task On_ARM_the_simd_engine_gives_the_same_bits_and_the_torch_engine_is_refused_with_a_sentence()
    {
        var job = Simulate.ManyUnits(folder);
        var arm64 = Path.Combine(folder.Path, "arm64");
        await using var publish = RunningProgram.Start("dotnet", new Dictionary<string, string> { ["DOTNET_NOLOGO"] = "1" },
            "publish", "src/Cli", "-c", "Release", "-r", "linux-arm64", "--self-contained", "-p:RunAnalyzers=false",
            "--artifacts-path", Path.Combine(folder.Path, "build"), "--output", arm64);
        Assert.True(await publish.Exit() == 0, publish.Output + publish.Error);

        await using var simd = Emulate("--engine", "auto");
        Assert.True(await simd.Exit() == 0, simd.Output + simd.Error);
        Assert.Contains("engine simd, vectors of 128 bits", simd.Error, StringComparison.Ordinal);
        Assert.Equal((await Simulate.Json(job)).GetProperty("weightsSha256").GetString(), Simulate.LastLine(simd).GetProperty("weightsSha256").GetString());

        await using var torch = Emulate("--engine", "torch");
        Assert.Equal(2, await torch.Exit());
        Assert.Equal("TorchSharp has no libtorch for linux-arm64. Train with --engine simd.", torch.Error.Trim());

        // A processor without pointer authentication and SVE, and no measuring for later compilations: most of the time is the program's start.
        RunningProgram Emulate(params string[] engine) => RunningProgram.Start(
            "qemu-aarch64", new Dictionary<string, string> { ["DOTNET_TieredPGO"] = "0" },
            ["-cpu", "neoverse-n1", "-L", Environment.GetEnvironmentVariable("FEDQUEUE_ARM64")!, Path.Combine(arm64, "fedqueue"),
                "simulate", "--json", "--compare", "none", "--out", Path.Combine(folder.Path, "runs"), .. engine, .. job]);
    }
}
