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
        var job = Job.Default.WithWarmupCount(3).WithIterationCount(10);
        return ManualConfig.Create(DefaultConfig.Instance)
            .AddJob(job.WithId("all this machine has").AsBaseline())
            .AddJob(job.WithId("no AVX-512").WithEnvironmentVariable("DOTNET_EnableAVX512F", "0"))
            .AddJob(job.WithId("no AVX2").WithEnvironmentVariable("DOTNET_EnableAVX2", "0"))
            .AddJob(job.WithId("no AVX").WithEnvironmentVariable("DOTNET_EnableAVX", "0"))
            .AddJob(job.WithId("no vectors").WithEnvironmentVariable("DOTNET_EnableHWIntrinsic", "0"))
            .HideColumns(Column.EnvironmentVariables, Column.WarmupCount, Column.IterationCount, Column.Arguments)
            .WithOptions(ConfigOptions.DisableLogFile);
    }
}

/// <summary>An epoch of about 20 steps; the time is that of one epoch.</summary>
public class SimdSteps
{
    private Steps steps = null!;

    [ParamsSource(nameof(Shapes))]
    public StepShape Shape { get; set; } = null!;

    public static IEnumerable<StepShape> Shapes => StepShape.All.Take(2);

    [GlobalSetup]
    public void Prepare() => steps = new(Shape, batches: 20);

    [Benchmark]
    public void Epoch() => steps.Run(new SimdTrainer());
}
