using System.Collections.Concurrent;
using System.CommandLine;
using System.Diagnostics;

namespace FedQueue.Reliability.Simulation;

/// <summary><c>simulate</c>: many seeds of the whole protocol.</summary>
internal static class SimulateCommand
{
    public static Command Create()
    {
        var seeds = new Option<int>("--seeds") { Description = "How many seeds.", DefaultValueFactory = _ => 10_000 };
        var first = new Option<int>("--first") { Description = "The first of them; with --seeds 1 it replays one.", DefaultValueFactory = _ => 1 };
        var cores = new Option<int>("--cores") { Description = "Seeds at the same time.", DefaultValueFactory = _ => Environment.ProcessorCount };

        var command = new Command("simulate", "Runs the protocol under random delays, losses, copies, crashes and lapses, one world a seed.") { seeds, first, cores };
        command.SetAction(async (arguments, cancellationToken) =>
        {
            var (count, start) = (arguments.GetValue(seeds), arguments.GetValue(first));
            var watch = Stopwatch.StartNew();
            var results = await Run(start, count, arguments.GetValue(cores), (seed, done) =>
            {
                if (seed.Problem is not null)
                    Console.WriteLine($"seed {seed.Seed}: {seed.Problem}");
                if (done % 10_000 == 0)
                    Console.Error.WriteLine($"{done:N0} of {count:N0} seeds, {watch.Elapsed.TotalSeconds:0} s");
            }, cancellationToken);

            Console.WriteLine($"{results.Done:N0} seeds in {watch.Elapsed.TotalSeconds:0} s: {results.Undisturbed:N0} with the undisturbed bits, "
                + $"{results.Done - results.Undisturbed - results.Wrong.Count:N0} cancelled, or cut off by goal or deadline, and recomputed, {results.Wrong.Count:N0} wrong");
            return results.Wrong.IsEmpty ? 0 : 1;
        });
        return command;
    }

    /// <summary>Runs seeds on several cores; each core has an aggregator of its own.</summary>
    /// <param name="progress">Is told of each seed that is done, and how many are.</param>
    public static async Task<SimulationResults> Run(int first, int count, int cores, Action<SeedResult, int> progress, CancellationToken cancellationToken)
    {
        var results = new SimulationResults();
        var next = first - 1;
        await Task.WhenAll(Enumerable.Range(0, cores).Select(_ => Task.Run(async () =>
        {
            await using var aggregator = await SimulatedAggregator.Create();
            while (Interlocked.Increment(ref next) is var seed && seed < first + count && !cancellationToken.IsCancellationRequested)
            {
                var result = await SeedResult.Of(aggregator, seed);
                progress(result, results.Add(result));
            }
        }, CancellationToken.None)));
        return results;
    }
}

internal sealed class SimulationResults
{
    private int done;
    private int undisturbed;

    public int Done => done;

    public int Undisturbed => undisturbed;

    public ConcurrentBag<SeedResult> Wrong { get; } = [];

    /// <returns>Seeds done.</returns>
    public int Add(SeedResult result)
    {
        if (result.Problem is not null)
            Wrong.Add(result);
        else if (result.Undisturbed)
            Interlocked.Increment(ref undisturbed);
        return Interlocked.Increment(ref done);
    }
}
