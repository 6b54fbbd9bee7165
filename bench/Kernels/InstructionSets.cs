using System.CommandLine;
using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using FedQueue.Worker.Training;

namespace FedQueue.Bench.Kernels;

/// <summary><c>instructions</c>: optimiser steps of the simd engine by instruction set, each in processes of its own.</summary>
internal static class InstructionSets
{
    public static Command Create()
    {
        var command = new Command("instructions", "Optimiser steps of the simd engine by instruction set (BenchmarkDotNet), one thread.");
        command.SetAction(_ => BenchmarkRunner.Run<SimdSteps>(Config()).HasCriticalValidationErrors ? 1 : 0);
        return command;
    }

    private static ManualConfig Config()
    {
        var job = Job.Default.WithWarmupCount(3).WithIterationCount(5);
        return ManualConfig.Create(DefaultConfig.Instance)
            .AddJob(job.WithId("all this machine has").AsBaseline())
            .AddJob(job.WithId("no AVX-512").WithEnvironmentVariable("DOTNET_EnableAVX512", "0"))
            .AddJob(job.WithId("no AVX2").WithEnvironmentVariable("DOTNET_EnableAVX2", "0"))
            .AddJob(job.WithId("no vectors").WithEnvironmentVariable("DOTNET_EnableHWIntrinsic", "0"))
            .HideColumns(Column.EnvironmentVariables, Column.WarmupCount, Column.IterationCount, Column.Arguments)
            .WithArtifactsPath(Path.Combine(Path.GetTempPath(), "fedqueue-bench"))
            .WithOptions(ConfigOptions.DisableLogFile);
    }
}

/// <summary>An epoch of 21 steps of the tutorial's shape.</summary>
public class SimdSteps
{
    private Steps steps = null!;

    [GlobalSetup]
    public void Prepare() => steps = new(StepShape.All[0], batches: 20, epochs: 1);

    [Benchmark]
    public void Epoch() => steps.Run(new SimdTrainer());
}
