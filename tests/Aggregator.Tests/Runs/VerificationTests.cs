using FedQueue.Aggregator.Runs;
using FedQueue.Aggregator.Storage;
using FedQueue.Contracts;
using Microsoft.EntityFrameworkCore;
using static FedQueue.Aggregator.Tests.Answers;

namespace FedQueue.Aggregator.Tests.Runs;

public sealed class VerificationTests
{
    [Fact]
    public async Task A_run_that_was_not_touched_holds()
    {
        await using var aggregator = await Completed();

        var verification = await Verify(aggregator);

        Assert.True(verification.Sound, verification.Verdict);
        Assert.Equal(["verified", "verified", "verified"], verification.Rounds.Select(r => r.Outcome));
        Assert.Equal("Run run holds: 3 of 3 sets of global weights recomputed, bit for bit.", verification.Verdict);
    }

    [Theory]
    [InlineData("UPDATE Submissions SET Weights = CAST(X'7F' || substr(Weights, 2) AS BLOB) WHERE Round = 2 AND Participant = 'b'", 2)]
    [InlineData("UPDATE Submissions SET SampleCount = 11 WHERE Round = 1 AND Participant = 'b'", 1)]
    [InlineData("UPDATE Submissions SET WeightsSha256 = replace(WeightsSha256, substr(WeightsSha256, 1, 1), 'x') WHERE Round = 1 AND Participant = 'c'", 1)]
    [InlineData("DELETE FROM Submissions WHERE Round = 2 AND Participant = 'c'", 2)]
    [InlineData("UPDATE Models SET Weights = CAST(substr(Weights, 1, 71) || X'01' AS BLOB) WHERE Round = 1", 1)]
    [InlineData("UPDATE Models SET Weights = CAST(X'7F' || substr(Weights, 2) AS BLOB) WHERE Round = 0", 0)]
    [InlineData("DELETE FROM Models WHERE Round = 2", 2)]
    public async Task A_single_changed_byte_is_found_and_its_round_named(string change, int round)
    {
        await using var aggregator = await Completed();
        Assert.Equal(1, await aggregator.Read(db => db.Database.ExecuteSqlRawAsync(change)));

        var verification = await Verify(aggregator);

        Assert.False(verification.Sound);
        Assert.Equal(round, Assert.Single(verification.Rounds, r => r.Outcome == "broken").Round);
        Assert.StartsWith($"Run run does not hold: round {round}: ", verification.Verdict, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_round_of_which_only_the_weights_are_left_is_named()
    {
        await using var aggregator = await Completed();
        await aggregator.Read(db => db.Database.ExecuteSqlRawAsync("DELETE FROM Submissions WHERE Round = 2; DELETE FROM Rounds WHERE Round = 2"));

        Assert.Equal("Run run does not hold: round 2: It has global weights, and no submission.", (await Verify(aggregator)).Verdict);
    }

    [Fact]
    public async Task A_run_that_never_started_has_nothing_to_verify_and_one_that_did_has_its_initial_weights()
    {
        await using var aggregator = await AggregatorHost.Start();
        await aggregator.StartRun(Plan(participants: 1));
        await aggregator.UntilNoted(EventKind.RunCreated);

        var waiting = await Verify(aggregator);
        Assert.Equal((true, "Run run never started, so there is nothing to verify."), (waiting.Sound, waiting.Verdict));

        await aggregator.Join("a");
        await aggregator.UntilOpen(1);
        Assert.True((await Verify(aggregator)).Sound);
        await aggregator.Read(db => db.Models.ExecuteDeleteAsync());
        Assert.Equal("Run run does not hold: round 0: Its global weights are missing.", (await Verify(aggregator)).Verdict);
    }

    [Fact]
    public async Task A_run_that_began_with_what_an_earlier_program_drew_holds()
    {
        await using var aggregator = await AggregatorHost.Start();
        var plan = Plan(participants: 1) with { Units = 257 };
        await aggregator.StartRun(plan);
        await aggregator.Join("a");
        await aggregator.UntilOpen(1);
        Assert.True((await Verify(aggregator)).Sound);

        var earlier = ModelRow.For("run", 0, WeightBytes.From(InitialWeights.CreateAsBefore(plan.Model(), plan.Seed)));
        Assert.NotEqual(earlier.WeightsSha256, await aggregator.Read(db => db.Models.Select(m => m.WeightsSha256).SingleAsync()));
        await aggregator.Read(db => db.Models.ExecuteUpdateAsync(m => m.SetProperty(row => row.Weights, earlier.Weights).SetProperty(row => row.WeightsSha256, earlier.WeightsSha256)));
        Assert.True((await Verify(aggregator)).Sound);
    }

    [Fact]
    public async Task Weights_and_hash_changed_together_still_contradict_the_history_and_the_result()
    {
        await using var aggregator = await Completed();
        var forged = ModelRow.For("run", 1, WeightBytes.From(Enumerable.Repeat(9f, ParameterCount).ToArray()));
        await aggregator.Read(db => db.Submissions.Where(s => s.Round == 1 && s.Participant == "a").ExecuteUpdateAsync(s => s
            .SetProperty(row => row.Weights, forged.Weights).SetProperty(row => row.WeightsSha256, forged.WeightsSha256)));

        Assert.Contains("is not what the history says", (await Verify(aggregator)).Verdict, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_rounds_whose_submissions_are_no_longer_kept_it_says_what_can_no_longer_be_checked()
    {
        await using var aggregator = await Completed(("FedQueue:Storage:KeepRounds", "1"));

        var verification = await Verify(aggregator);

        Assert.True(verification.Sound, verification.Verdict);
        Assert.Equal(["verified", "unverifiable", "verified"], verification.Rounds.Select(r => r.Outcome));
        Assert.Contains("1 can no longer be, because their submissions are not kept (FedQueue:Storage:KeepRounds)", verification.Verdict, StringComparison.Ordinal);
        Assert.Equal([2, 2, 2], await aggregator.Read(db => db.Submissions.Where(s => s.Weights != null).Select(s => s.Round).ToListAsync()));
    }

    private static async Task<AggregatorHost> Completed(params (string Key, string Value)[] settings)
    {
        var aggregator = await AggregatorHost.Start(settings: settings);
        await aggregator.StartRun(Plan(rounds: 2));
        await aggregator.Join("a", "b", "c");
        for (var number = 1; number <= 2; number++)
        {
            var round = await aggregator.UntilOpen(number);
            foreach (var (name, value) in round.Participants.Zip([1f, 2f, 4f]))
                await aggregator.Bus.Publish(Weights(round, name, value * number));
        }

        var last = await aggregator.UntilOpen(3);
        foreach (var name in last.Participants)
            await aggregator.Bus.Publish(Evaluation(last, name, 1));
        await aggregator.UntilEnded();
        return aggregator;
    }

    private static async Task<RunVerification> Verify(AggregatorHost aggregator) =>
        (await aggregator.Read(db => RunVerification.Load(db, "run", CancellationToken.None)))!;
}
