using FedQueue.Aggregator.Rounds;
using FedQueue.Aggregator.Storage;
using FedQueue.Contracts;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Time.Testing;
using static FedQueue.Aggregator.Tests.Answers;

namespace FedQueue.Aggregator.Tests.Rounds;

public sealed class RoundTests
{
    [Fact]
    public async Task A_round_is_averaged_by_samples_when_the_last_participant_submits_and_copies_have_no_effect()
    {
        await using var aggregator = await AggregatorHost.Start();
        await aggregator.StartRun(Plan());
        await aggregator.Join("a", "b", "c");
        var round = await aggregator.UntilOpen(1);

        await aggregator.Bus.Publish(Weights(round, "c", 4, samples: 20));
        await aggregator.Bus.Publish(Weights(round, "a", 1, samples: 10));
        await aggregator.Bus.Publish(Weights(round, "a", 1, samples: 10));
        await aggregator.UntilNoted(EventKind.Duplicate, "a");
        await aggregator.Bus.Publish(Weights(round, "b", 2, samples: 10));

        var completed = await aggregator.Heard.Next<RoundCompleted>();
        Assert.Equal(["a", "b", "c"], completed.Contributors);
        Assert.Empty(completed.Missing);

        var model = await aggregator.Read(db => db.Models.SingleAsync(m => m.Round == 1));
        Assert.All(WeightBytes.ToFloats(model.Weights), weight => Assert.Equal((10 * 1 + 10 * 2 + 20 * 4) / 40f, weight));
        Assert.Equal(3, await aggregator.Read(db => db.Submissions.CountAsync(s => s.Round == 1)));
    }

    [Fact]
    public async Task A_run_ends_after_every_participant_has_evaluated_the_final_model()
    {
        await using var aggregator = await AggregatorHost.Start();
        await aggregator.StartRun(Plan(rounds: 2));
        await aggregator.Join("a", "b", "c");
        await SubmitAll(aggregator, 1, [1, 2, 3]);
        await SubmitAll(aggregator, 2, [2, 3, 4]);

        var last = await aggregator.UntilOpen(3);
        Assert.True(last.EvaluateOnly);
        foreach (var (name, mse) in new[] { ("a", 1.0), ("b", 4.0), ("c", 10.0) })
            await aggregator.Bus.Publish(Evaluation(last, name, mse));

        var completed = await aggregator.Heard.Next<RunCompleted>();
        Assert.Equal(5.0, completed.FinalError!.MeanSquaredError, 12);
        var model = await aggregator.Read(db => db.Models.SingleAsync(m => m.Round == 2));
        Assert.Equal(model.WeightsSha256, completed.WeightsSha256);
        Assert.All(WeightBytes.ToFloats(model.Weights), weight => Assert.Equal(3, weight));
        Assert.True(File.Exists(Path.Combine(aggregator.Folder, "run.safetensors")));
    }

    /// <summary>Without the sort, these values give another sum in another order: 1e20 − 5e19 − 5e19 + small loses the small ones.</summary>
    [Theory]
    [InlineData("abcdef")]
    [InlineData("fedcba")]
    [InlineData("cfaebd")]
    [InlineData("bdface")]
    public async Task Any_order_of_arrival_gives_the_same_bits(string order)
    {
        var values = new Dictionary<char, float> { ['a'] = 1e20f, ['b'] = -5e19f, ['c'] = -5e19f, ['d'] = 7, ['e'] = 3e-5f, ['f'] = 1 };
        await using var aggregator = await AggregatorHost.Start();
        await aggregator.StartRun(Plan(participants: 6) with { Rule = "mean" });
        await aggregator.Join("a", "b", "c", "d", "e", "f");
        var round = await aggregator.UntilOpen(1);

        foreach (var name in order)
            await aggregator.Bus.Publish(Weights(round, name.ToString(), values[name]));

        await aggregator.Heard.Next<RoundCompleted>();
        var model = await aggregator.Read(db => db.Models.SingleAsync(m => m.Round == 1));
        var expected = (float)(((((1e20f - 5e19f) - 5e19f) + 7.0) + 3e-5f + 1) / 6);
        Assert.All(WeightBytes.ToFloats(model.Weights), weight => Assert.Equal(expected, weight));
    }

    [Fact]
    public async Task An_unusable_submission_is_refused_with_a_reason_and_the_round_goes_on()
    {
        await using var aggregator = await AggregatorHost.Start();
        await aggregator.StartRun(Plan());
        await aggregator.Join("a", "b", "c");
        var round = await aggregator.UntilOpen(1);

        await aggregator.Bus.Publish(Weights(round, "a", float.NaN));
        Assert.Equal("Weight 0 is NaN; only finite weights can be averaged. Sent by worker-of-a.", (await aggregator.UntilNoted(EventKind.Quarantined, "a")).Text);
        await aggregator.Bus.Publish(Weights(round, "b", 1) with { Weights = new byte[8] });
        Assert.Contains("8 bytes", (await aggregator.UntilNoted(EventKind.Quarantined, "b")).Text, StringComparison.Ordinal);
        await aggregator.Bus.Publish(Weights(round, "c", 1, samples: 0));
        Assert.Contains("0 windows", (await aggregator.UntilNoted(EventKind.Quarantined, "c")).Text, StringComparison.Ordinal);
        await aggregator.Bus.Publish(Weights(round, "stranger", 1));
        Assert.Contains("not among the participants", (await aggregator.UntilNoted(EventKind.Quarantined, "stranger")).Text, StringComparison.Ordinal);

        await SubmitAll(aggregator, 1, [1, 2, 3]);
        Assert.Equal(["a", "b", "c"], (await aggregator.Heard.Next<RoundCompleted>()).Contributors);
    }

    [Fact]
    public async Task A_submission_after_the_goal_is_late_and_changes_nothing()
    {
        await using var aggregator = await AggregatorHost.Start();
        await aggregator.StartRun(Plan() with { Goal = 2 });
        await aggregator.Join("a", "b", "c");
        var round = await aggregator.UntilOpen(1);

        await aggregator.Bus.Publish(Weights(round, "a", 1));
        await aggregator.Bus.Publish(Weights(round, "b", 3));
        var completed = await aggregator.Heard.Next<RoundCompleted>();
        Assert.Equal(["c"], completed.Missing);

        await aggregator.Bus.Publish(Weights(round, "c", 100));
        await aggregator.UntilNoted(EventKind.Late, "c");
        await aggregator.Bus.Publish(Weights(round, "a", 100));
        await aggregator.UntilNoted(EventKind.Duplicate, "a");
        var model = await aggregator.Read(db => db.Models.SingleAsync(m => m.Round == 1));
        Assert.All(WeightBytes.ToFloats(model.Weights), weight => Assert.Equal(2, weight));
    }

    [Fact]
    public async Task At_the_deadline_a_round_closes_with_its_minimum()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var aggregator = await AggregatorHost.Start(clock: clock);
        await aggregator.StartRun(Plan() with { Minimum = 2, Deadline = TimeSpan.FromMinutes(1) });
        await aggregator.Join("a", "b", "c");
        var round = await aggregator.UntilOpen(1);
        await aggregator.Bus.Publish(Weights(round, "a", 1));
        await aggregator.Bus.Publish(Weights(round, "b", 3));
        await aggregator.UntilNoted(EventKind.Submitted, "b");

        clock.Advance(TimeSpan.FromMinutes(2));

        var completed = await aggregator.Heard.Next<RoundCompleted>();
        Assert.Equal(["a", "b"], completed.Contributors);
        Assert.Equal(["c"], completed.Missing);
    }

    [Fact]
    public async Task At_the_deadline_a_round_below_its_minimum_fails_and_says_who_was_missing()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var aggregator = await AggregatorHost.Start(clock: clock);
        await aggregator.StartRun(Plan() with { Deadline = TimeSpan.FromMinutes(1) });
        await aggregator.Join("a", "b", "c");
        var round = await aggregator.UntilOpen(1);
        await aggregator.Bus.Publish(Weights(round, "a", 1));
        await aggregator.UntilNoted(EventKind.Submitted, "a");

        clock.Advance(TimeSpan.FromMinutes(2));

        var failed = await aggregator.Heard.Next<RunFailed>();
        Assert.Equal("Round 1 had 1 of at least 3 submissions at its deadline (60 s); missing: b, c.", failed.Reason);
        Assert.Equal(RunStatus.Failed, (await aggregator.UntilEnded()).Status);
    }

    [Fact]
    public async Task When_everybody_has_answered_a_failure_is_not_waited_out()
    {
        await using var aggregator = await AggregatorHost.Start();
        await aggregator.StartRun(Plan() with { Minimum = 2 });
        await aggregator.Join("a", "b", "c");
        var round = await aggregator.UntilOpen(1);

        await aggregator.Bus.Publish(Failure(round, "b", "b.csv is empty."));
        await aggregator.Bus.Publish(Weights(round, "a", 1));
        await aggregator.Bus.Publish(Weights(round, "c", 3));

        Assert.Equal(["a", "c"], (await aggregator.Heard.Next<RoundCompleted>()).Contributors);
        Assert.Equal("b.csv is empty.", (await aggregator.UntilNoted(EventKind.TrainingFailed, "b")).Text);
    }

    [Fact]
    public async Task An_answer_to_a_round_that_was_never_opened_is_refused_and_shown()
    {
        await using var aggregator = await AggregatorHost.Start();
        await aggregator.StartRun(Plan(participants: 2));
        await aggregator.UntilNoted(EventKind.RunCreated);

        await aggregator.Bus.Publish(Weights(new RoundState { CorrelationId = RoundIdentity.Of("run", 7), RunId = "run", Round = 7 }, "a", 1));
        Assert.Equal("This aggregator never opened the round.", (await aggregator.UntilNoted(EventKind.Unknown, "a")).Text);

        // Runs that never were have no history, however many there are; one line of the log says that there are such.
        await aggregator.Bus.Publish(Weights(new RoundState { CorrelationId = RoundIdentity.Of("elsewhere", 7), RunId = "elsewhere", Round = 7 }, "a", 1));
        await aggregator.Bus.Publish(Weights(new RoundState { CorrelationId = RoundIdentity.Of("run", 8), RunId = "run", Round = 8 }, "a", 1));
        await aggregator.Until(db => db.Events.FirstOrDefaultAsync(e => e.Round == 8), "the last answer");
        Assert.False(await aggregator.Read(db => db.Events.AnyAsync(e => e.RunId == "elsewhere")));
        Assert.Single(aggregator.Logged, line => line.Contains("was never opened here", StringComparison.Ordinal));
    }

    private static async Task SubmitAll(AggregatorHost aggregator, int number, float[] values)
    {
        var round = await aggregator.UntilOpen(number);
        foreach (var (name, value) in round.Participants.Zip(values))
            await aggregator.Bus.Publish(Weights(round, name, value));
    }
}
