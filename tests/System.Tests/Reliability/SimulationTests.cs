using FedQueue.Reliability.Simulation;

namespace FedQueue.System.Tests.Reliability;

public sealed class SimulationTests
{
    /// <summary>A failure is replayed with <c>dotnet run -c Release --project tests/Reliability -- simulate --seeds 1 --first SEED</c>.</summary>
    [Fact]
    public async Task Ten_thousand_disturbed_worlds_end_with_the_bits_of_the_undisturbed_one_or_of_whom_they_accepted()
    {
        var results = await SimulateCommand.Run(1, 10_000, Environment.ProcessorCount, (_, _) => { }, CancellationToken.None);

        Assert.True(results.Wrong.IsEmpty, string.Join('\n', results.Wrong.Select(wrong => $"seed {wrong.Seed}: {wrong.Problem}")));
        Assert.Equal(10_000, results.Done);
        Assert.InRange(results.Undisturbed, 7_500, 9_999); // Some must have been cut off, or the deadline was not tried.
    }

    [Fact]
    public async Task The_same_seed_is_the_same_world()
    {
        await using var aggregator = await SimulatedAggregator.Create();
        for (var seed = 1; seed <= 10; seed++)
            Assert.Equal(await SeedResult.Of(aggregator, seed), await SeedResult.Of(aggregator, seed));
    }

    [Fact]
    public async Task From_every_state_the_wait_says_its_limit_and_ends_within_it_when_all_workers_fall_silent()
    {
        await using var aggregator = await SimulatedAggregator.Create();
        var states = new SortedSet<string>(StringComparer.Ordinal);

        for (var seed = 1; seed <= 100; seed++)
            Assert.Null(await WaitProof.ProblemOf(aggregator, seed, states));

        Assert.Equal(["Running Collecting", "Running Collecting evaluating", "Waiting "], states);
    }
}
