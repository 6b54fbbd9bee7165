using System.CommandLine;
using System.Diagnostics;
using System.Runtime.Intrinsics;
using FedQueue.Contracts;
using FedQueue.Worker.Data;
using FedQueue.Worker.Training;

namespace FedQueue.Bench.Kernels;

/// <summary><c>step</c>: an optimiser step by engine and shape, beside the core's arithmetic limit, on one thread and in turns.</summary>
internal static class StepCommand
{
    /// <summary>Turns of each engine; the fastest one counts, because whatever disturbs only adds.</summary>
    private const int Turns = 15;

    private static readonly (int Inputs, int Units, int Layers, int Window, int Batch)[] Shapes =
        [(8, 32, 1, 10, 32), (8, 64, 2, 30, 64), (8, 16, 1, 10, 32), (8, 128, 1, 10, 32), (8, 33, 1, 10, 32)];

    public static Command Create()
    {
        var command = new Command("step", "An optimiser step by engine and shape, one thread.");
        command.SetAction(_ =>
        {
            Console.WriteLine($"vectors of {(Vector512.IsHardwareAccelerated ? 512 : Vector256.IsHardwareAccelerated ? 256 : Vector128.IsHardwareAccelerated ? 128 : 32)} bits");
            Console.WriteLine("| inputs, units × layers, window, batch | torch µs | simd µs | ratio | MFLOP | GFLOP/s | peak GFLOP/s | share |");
            Console.WriteLine("|---|---|---|---|---|---|---|---|");
            foreach (var shape in Shapes)
                Measure(shape.Inputs, shape.Units, shape.Layers, shape.Window, shape.Batch);
        });
        return command;
    }

    private static void Measure(int inputs, int units, int layers, int window, int batch)
    {
        const int batches = 20;
        var model = new ModelPlan { Inputs = inputs, Units = units, Layers = layers };
        var random = new SeededRandom(1);
        var weights = Enumerable.Range(0, model.ParameterCount()).Select(_ => (float)(random.NextDouble() - 0.5) / 4).ToArray();
        var rows = (int)Math.Ceiling((batches * batch + window - 1) / 0.8) + 1;
        var features = Enumerable.Range(0, rows * inputs).Select(_ => random.NextDouble()).ToArray();
        var columns = new ColumnPlan { Features = [.. Enumerable.Range(0, inputs).Select(i => $"f{i}")], Target = "t", Window = window, Horizon = 0 };
        var windows = ParticipantWindows.From(new ParticipantTable("random", columns, features, [.. Enumerable.Range(0, rows).Select(_ => random.NextDouble())], [0], []));

        double Step(ITrainer trainer)
        {
            var plan = new TrainingPlan { Epochs = 1, BatchSize = batch };
            var steps = (windows.TrainingCount + batch - 1) / batch;
            var watch = Stopwatch.StartNew();
            trainer.Train(new TrainingJob(model, plan, weights, windows, new SeededRandom(1)), (_, _) => { }, CancellationToken.None);
            return watch.Elapsed.TotalMicroseconds / steps;
        }

        var (torch, simd, peak) = (double.MaxValue, double.MaxValue, 0.0);
        for (var turn = 0; turn < Turns; turn++)
        {
            torch = Math.Min(torch, Step(new TorchTrainer()));
            simd = Math.Min(simd, Step(new SimdTrainer()));
            peak = Math.Max(peak, Arithmetic.PeakGigaflops());
        }

        var flops = Arithmetic.FlopsOfStep(model, window, batch);
        Console.WriteLine(FormattableString.Invariant(
            $"| {inputs}, {units} × {layers}, {window}, {batch} | {torch:0} | {simd:0} | {torch / simd:0.0} | {flops / 1e6:0.0} | {flops / simd / 1e3:0.0} | {peak:0.0} | {flops / simd / 1e3 / peak:0%} |"));
    }
}
