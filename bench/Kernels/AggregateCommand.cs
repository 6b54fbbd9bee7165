using System.CommandLine;
using System.Diagnostics;
using FedQueue.Aggregator.Aggregation;
using FedQueue.Aggregator.Participants;
using FedQueue.Aggregator.Rounds;
using FedQueue.Contracts;

namespace FedQueue.Bench.Kernels;

/// <summary><c>aggregate</c>: FedAvg as the aggregator calls it, beside the bandwidth of a plain copy, in turns.</summary>
internal static class AggregateCommand
{
    private const int Turns = 9;
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(2);

    private static readonly int PartLength = new ParticipantOptions().PartLength;
    private static readonly int AtOnce = (int)SubmissionParts.WeightsAtOnce / PartLength;

    private static readonly (int Updates, int Parameters)[] Shapes = [(5, 10_000_000), (50, 10_000_000), (5, 5_409)];

    public static Command Create()
    {
        var command = new Command("aggregate", "FedAvg beside the bandwidth of a plain copy, all cores.");
        command.SetAction(_ =>
        {
            Console.WriteLine("Bytes of FedAvg: every update read once, the result written once. Bytes of the copy: read and written.");
            Console.WriteLine("| updates | parameters | FedAvg ms | FedAvg GB/s | copy GB/s | share |");
            Console.WriteLine("|---|---|---|---|---|---|");
            foreach (var (updates, parameters) in Shapes)
                Measure(updates, parameters);
        });
        return command;
    }

    private static void Measure(int updates, int parameters)
    {
        // Five different updates; fifty are these at ten places, so that a part is not ten times the same bytes.
        var random = new SeededRandom(1);
        var bytes = Enumerable.Range(0, Math.Min(updates, 5))
            .Select(_ => WeightBytes.From([.. Enumerable.Range(0, parameters).Select(_ => (float)random.NextDouble())])).ToArray();
        var result = new byte[parameters * sizeof(float)];
        var rule = new FedAvg();
        var repetitions = Math.Max(1, 2_000_000 / parameters / updates);

        // Until all is compiled as it stays.
        for (var started = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(started) < WarmUp;)
            Fold();

        var (fold, copy) = (double.MaxValue, double.MaxValue);
        for (var turn = 0; turn < Turns; turn++)
        {
            var started = Stopwatch.GetTimestamp();
            for (var repetition = 0; repetition < repetitions; repetition++)
                Fold();
            fold = Math.Min(fold, Stopwatch.GetElapsedTime(started).TotalSeconds / repetitions);

            started = Stopwatch.GetTimestamp();
            for (var repetition = 0; repetition < repetitions; repetition++)
                Parallel.For(0, Environment.ProcessorCount, core =>
                {
                    var share = result.Length / Environment.ProcessorCount;
                    bytes[0].AsSpan(core * share, share).CopyTo(result.AsSpan(core * share));
                });
            copy = Math.Min(copy, Stopwatch.GetElapsedTime(started).TotalSeconds / repetitions);
        }

        var (folded, copied) = ((updates + 1.0) * result.Length / fold / 1e9, 2.0 * result.Length / copy / 1e9);
        Console.WriteLine(FormattableString.Invariant($"| {updates} | {parameters:N0} | {fold * 1e3:0.000} | {folded:0.0} | {copied:0.0} | {folded / copied:0%} |"));

        int Place(int start, int update, int length) => (start + update / bytes.Length * PartLength) % (result.Length - length + sizeof(float));

        void Fold()
        {
            using var mean = new WeightedMean();
            for (var part = 1; part <= WeightParts.Count(result.Length, PartLength); part++)
            {
                var (start, length) = ((part - 1) * PartLength, WeightParts.LengthOf(result.Length, part, PartLength));
                for (var from = 0; from < updates; from += AtOnce)
                {
                    var some = Enumerable.Range(from, Math.Min(AtOnce, updates - from))
                        .Select(update => ((ReadOnlyMemory<byte>)bytes[update % bytes.Length].AsMemory(Place(start, update, length), length), rule.Coefficient(100 + update))).ToList();
                    if (from + AtOnce < updates)
                        mean.Add(some);
                    else
                        mean.MoveTo(result.AsMemory(start, length), some);
                }
            }
        }
    }
}
