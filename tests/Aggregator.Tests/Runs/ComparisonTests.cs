using FedQueue.Aggregator.Runs;
using FedQueue.Aggregator.Storage;
using FedQueue.Contracts;
using Microsoft.EntityFrameworkCore;
using static FedQueue.Aggregator.Tests.Answers;

namespace FedQueue.Aggregator.Tests.Runs;

public sealed class ComparisonTests
{
    [Fact]
    public async Task The_final_model_stands_beside_what_each_participant_can_do_alone_as_far_as_that_is_known()
    {
        await using var aggregator = await Evaluated(Plan(participants: 2) with { CompareLocal = true });

        var comparison = await Comparison(aggregator);
        Assert.Equal(2, comparison.Federated.WeightedRmse);
        Assert.Equal(3, comparison.Mean!.WeightedRmse);

        // Only a has told of it, and a mean over one of two would not stand beside one over both.
        Assert.Null(comparison.RepeatLast!.WeightedRmse);
        Assert.Equal(4, comparison.RepeatLast.RmseOf("a"));
        Assert.Null(comparison.Local);

        await aggregator.Bus.Publish(Local("a", 25));
        await aggregator.Bus.Publish(Local("b", 25));
        await aggregator.UntilNoted(EventKind.LocalModel, "a");
        await aggregator.UntilNoted(EventKind.LocalModel, "b");
        Assert.Equal(5, (await Comparison(aggregator)).Local!.WeightedRmse);
        Assert.Equal(["federated", "own data alone, 100 epochs", "repeat the last value", "mean of the training rows"], (await Comparison(aggregator)).Rows().Select(row => row.Name));

        // A second one changes nothing, also when it says something else.
        await aggregator.Bus.Publish(Local("a", 1));
        await aggregator.UntilNoted(EventKind.Duplicate, "a");
        Assert.Equal(5, (await Comparison(aggregator)).Local!.RmseOf("a"));
    }

    [Fact]
    public async Task A_run_without_evaluations_or_from_workers_that_say_nothing_more_has_no_comparison()
    {
        await using var aggregator = await AggregatorHost.Start();
        await aggregator.StartRun(Plan(participants: 1));
        await aggregator.Join("a");
        await aggregator.Bus.Publish(Weights(await aggregator.UntilOpen(1), "a", 1));
        var last = await aggregator.UntilOpen(2);
        Assert.Null((await aggregator.Read(db => RunSummary.Load(db, "run", CancellationToken.None)))!.Comparison);

        await aggregator.Bus.Publish(Evaluation(last, "a", 4));
        await aggregator.UntilEnded();

        Assert.Null((await aggregator.Read(db => RunSummary.Load(db, "run", CancellationToken.None)))!.Comparison);
    }

    [Theory]
    [InlineData("another", true, "another does not hold a: another worker does.")]
    [InlineData("worker-of-a", false, "Nobody asked for models of one's own in run run.")]
    public async Task What_nobody_asked_for_and_what_a_stranger_sends_is_put_into_quarantine(string workerId, bool asked, string reason)
    {
        await using var aggregator = await Evaluated(Plan(participants: 2) with { CompareLocal = asked });

        await aggregator.Bus.Publish(Local("a", 25) with { WorkerId = workerId });

        Assert.StartsWith(reason, (await aggregator.UntilNoted(EventKind.Quarantined, "a")).Text, StringComparison.Ordinal);
        Assert.Null((await Comparison(aggregator)).Local);
    }

    [Theory]
    [InlineData(4, 0)]
    [InlineData(4, 6)]
    public async Task Errors_that_cannot_stand_beside_the_models_put_the_evaluation_into_quarantine(double mse, int windows)
    {
        await using var aggregator = await AggregatorHost.Start();
        await aggregator.StartRun(Plan(participants: 1));
        await aggregator.Join("a");
        await aggregator.Bus.Publish(Weights(await aggregator.UntilOpen(1), "a", 1));

        await aggregator.Bus.Publish(Evaluation(await aggregator.UntilOpen(2), "a", 4) with { MeanError = Error(mse, windows) });

        await aggregator.UntilNoted(EventKind.Quarantined, "a");
        Assert.Empty(await aggregator.Read(db => db.Baselines.ToListAsync()));
    }

    /// <summary>A run of two participants that has completed.</summary>
    private static async Task<AggregatorHost> Evaluated(RunPlan plan)
    {
        var aggregator = await AggregatorHost.Start();
        await aggregator.StartRun(plan);
        await aggregator.Join("a", "b");
        var round = await aggregator.UntilOpen(1);
        await aggregator.Bus.Publish(Weights(round, "a", 1));
        await aggregator.Bus.Publish(Weights(round, "b", 1));
        var last = await aggregator.UntilOpen(2);
        await aggregator.Bus.Publish(Evaluation(last, "a", 4) with { MeanError = Error(9), RepeatLastError = Error(16) });
        await aggregator.Bus.Publish(Evaluation(last, "b", 4) with { MeanError = Error(9) });
        await aggregator.UntilEnded();
        return aggregator;
    }

    private static LocalModelEvaluated Local(string participant, double mse) => new()
    {
        RunId = "run",
        Round = 2,
        Participant = participant,
        WorkerId = $"worker-of-{participant}",
        Error = Error(mse),
        TrainingTime = TimeSpan.FromSeconds(1),
    };

    private static async Task<RunComparison> Comparison(AggregatorHost aggregator) =>
        (await aggregator.Read(db => RunSummary.Load(db, "run", CancellationToken.None)))!.Comparison!;
}
