using System.CommandLine;
using System.Diagnostics;
using FedQueue.Worker.Training;

namespace FedQueue.Bench.Kernels;

/// <summary><c>step</c>: an optimiser step by engine and shape, beside the core's arithmetic limit, on one thread and in turns.</summary>
internal static class StepCommand
{
    /// <summary>Turns of each engine; the fastest one counts, because whatever disturbs only adds.</summary>
    private const int Turns = 15;

    /// <summary>Steps of an epoch, as the tutorial's files of 1,000 rows have them.</summary>
    private const int Batches = 25;

    /// <summary>
    /// Arithmetic of a training: 1,200 steps of the tutorial's shape, half of what its rounds have. In a training of one epoch, making the
    /// network would count as much as the steps do.
    /// </summary>
    private const double Flops = 1e10;

    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(2);

    public static Command Create()
    {
        var command = new Command("step", "An optimiser step by engine and shape, one thread.");
        command.SetAction(_ =>
        {
            Console.WriteLine($"vectors of {SimdTrainer.VectorBits} bits");
            Console.WriteLine("| inputs, units × layers, window, batch | torch µs | simd µs | ratio | MFLOP | GFLOP/s | peak GFLOP/s | share |");
            Console.WriteLine("|---|---|---|---|---|---|---|---|");
            foreach (var shape in StepShape.All)
                Measure(shape);
        });
        return command;
    }

    private static void Measure(StepShape shape)
    {
        var flops = Arithmetic.FlopsOfStep(shape.Model, shape.Window, shape.Batch);
        var steps = new Steps(shape, Batches, epochs: (int)Math.Ceiling(Flops / flops / Batches));

        double Step(ITrainer trainer)
        {
            var watch = Stopwatch.StartNew();
            steps.Run(trainer);
            return watch.Elapsed.TotalMicroseconds / steps.Count;
        }

        // A job has a hundred thousand steps; the first few hundred run code that is not compiled for good yet.
        for (var warmUp = Stopwatch.StartNew(); warmUp.Elapsed < WarmUp;)
        {
            Step(new TorchTrainer());
            Step(new SimdTrainer());
        }

        var (torch, simd, peak) = (double.MaxValue, double.MaxValue, 0.0);
        for (var turn = 0; turn < Turns; turn++)
        {
            torch = Math.Min(torch, Step(new TorchTrainer()));
            simd = Math.Min(simd, Step(new SimdTrainer()));
            peak = Math.Max(peak, Arithmetic.PeakGigaflops());
        }

        Console.WriteLine(FormattableString.Invariant(
            $"| {shape} | {torch:0} | {simd:0} | {torch / simd:0.0} | {flops / 1e6:0.0} | {flops / simd / 1e3:0.0} | {peak:0.0} | {flops / simd / 1e3 / peak:0%} |"));
    }
}
