using FedQueue.Aggregator.Runs;
using FedQueue.Aggregator.Storage;
using FedQueue.Contracts;
using static FedQueue.Aggregator.Tests.Answers;

namespace FedQueue.Aggregator.Tests.Runs;

public sealed class DivergenceTests
{
    /// <summary>Errors of 4, then 100: the model of round 1 is worse than the initial one, and repeating the last value has 9.</summary>
    [Fact]
    public async Task A_model_that_became_worse_is_said_in_the_round_in_the_history_and_at_the_end()
    {
        await using var aggregator = await AggregatorHost.Start();
        await aggregator.StartRun(Plan(participants: 1, rounds: 2));
        await aggregator.Join("a");
        foreach (var (round, mse) in new[] { (1, 4.0), (2, 100.0) })
            await aggregator.Bus.Publish(Weights(await aggregator.UntilOpen(round), "a", 1) with { GlobalError = Error(mse) });
        await aggregator.Bus.Publish(Evaluation(await aggregator.UntilOpen(3), "a", 100) with { RepeatLastError = Error(9), MeanError = Error(16) });
        await aggregator.Heard.Next<RunCompleted>();

        var run = (await aggregator.Read(db => RunSummary.Load(db, "run", CancellationToken.None)))!;
        Assert.Equal("completed", run.Status);
        Assert.Equal(2, run.Warnings.Count);
        Assert.StartsWith("After round 2 the global model is worse than before the first one: RMSE 10.0000 instead of 2.0000. Try a learning rate below 0.001", run.Warnings[0], StringComparison.Ordinal);
        Assert.StartsWith("The final model is worse than 'repeat the last value', a forecast without a model: RMSE 10.0000 instead of 3.0000.", run.Warnings[1], StringComparison.Ordinal);
        var noted = (await aggregator.Read(db => RunHistory.Load(db, "run", CancellationToken.None)))!.Events.Where(e => e.Kind == EventKind.Diverged).ToList();
        Assert.Equal([1, 2], noted.Select(e => e.Round!.Value));
        Assert.Contains(aggregator.Logged, line => line.Contains("After round 1 the global model is worse", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_participant_whose_target_never_changes_is_left_out_of_the_errors_over_all_and_named()
    {
        await using var aggregator = await AggregatorHost.Start();
        await aggregator.StartRun(Plan(participants: 2));
        await aggregator.Join("a", "b");
        var round = await aggregator.UntilOpen(1);
        await aggregator.Bus.Publish(Weights(round, "a", 1) with { GlobalError = Error(16) });
        await aggregator.Bus.Publish(Weights(round, "b", 1) with { GlobalError = Error(0, windows: 0) });
        round = await aggregator.UntilOpen(2);
        await aggregator.Bus.Publish(Evaluation(round, "a", 4) with { RepeatLastError = Error(9), MeanError = Error(9) });
        await aggregator.Bus.Publish(Evaluation(round, "b", 0) with { GlobalError = Error(0, windows: 0), RepeatLastError = Error(0, 0), MeanError = Error(0, 0) });
        await aggregator.Heard.Next<RunCompleted>();

        var run = (await aggregator.Read(db => RunSummary.Load(db, "run", CancellationToken.None)))!;
        Assert.Equal([4.0, 2.0], run.Models.Select(model => model.Rmse!.Value));
        Assert.Equal(2, run.Comparison!.Federated.WeightedRmse);
        Assert.Equal(3, run.Comparison.RepeatLast!.WeightedRmse);
        Assert.Equal(["Left out of the errors over all participants, because the target never changes there: b."], run.Warnings);
        Assert.Equal(4, (await aggregator.Read(db => RunErrors.Weighted(db, "run", CancellationToken.None)))[0].Rmse);
    }

    [Fact]
    public void Without_a_forecast_to_stand_beside_nothing_is_said()
    {
        var own = new Dictionary<string, HeldOutError> { ["a"] = Error(4) };

        Assert.Null(Divergence.OfEnd(new RunComparison(1, new(own, 2), new(own, 2), null, null, null)));
    }

    [Fact]
    public void A_participant_that_does_not_count_is_neither_best_nor_median()
    {
        var participants = Enumerable.Range(1, 22).Select(i => new ParticipantSummary($"p{i:00}", i == 22 ? 0 : 5, i == 22 ? 0 : 4, 1, i == 22 ? 0 : 2)).ToList();
        var model = new ModelSummary(0, "", 4, 1, 2, participants);

        Assert.Equal(["2.0000", "2.0000", "2.0000"], ErrorColumns.Of([model]).Cells(model));
        Assert.Null(new ComparedErrors(new Dictionary<string, HeldOutError> { ["a"] = Error(0, windows: 0) }, null).RmseOf("a"));
    }

    [Fact]
    public void Of_many_participants_a_table_shows_the_worst_the_median_and_the_best()
    {
        var names = Enumerable.Range(1, 21).Select(i => $"p{i:00}").ToList();
        var columns = new ErrorColumns(names);

        Assert.Equal(["worst", "median", "best"], columns.Headers);
        Assert.Equal(["21.0000", "11.0000", "1.0000"], columns.Cells(name => int.Parse(name[1..], System.Globalization.CultureInfo.InvariantCulture)));
        Assert.Equal(names[..20], new ErrorColumns(names[..20]).Headers);
        Assert.Equal(2.5, ErrorColumns.Median([1, 2, 3, 4]));
    }

    [Fact]
    public async Task What_others_have_written_is_shown_in_the_history_and_not_obeyed()
    {
        await using var aggregator = await AggregatorHost.Start();
        await aggregator.StartRun(Plan(participants: 1));
        await aggregator.Join("a");

        await aggregator.Bus.Publish(Failure(await aggregator.UntilOpen(1), "a", "\x1b[2Jgone"));

        var noted = await aggregator.UntilNoted(EventKind.TrainingFailed, "a");
        Assert.Equal(@"\x1b[2Jgone", noted.Text);
    }

    [Fact]
    public async Task A_run_that_keeps_its_plan_says_which_settings_are_others()
    {
        await using var aggregator = await AggregatorHost.Start();
        await aggregator.StartRun(Plan(participants: 1));
        await aggregator.Join("a");
        await aggregator.UntilOpen(1);

        await aggregator.StartRun(Plan(participants: 1) with { Seed = 77, Training = new TrainingPlan { Epochs = 9 } });

        await AggregatorHost.Until(
            () => Task.FromResult(aggregator.Logged.FirstOrDefault(line => line.Contains("Epochs is 100, the settings say 9, Seed is 1, the settings say 77", StringComparison.Ordinal))), "the line about the plan");
    }

    [Fact]
    public async Task A_model_that_cannot_be_written_does_not_keep_its_run_from_ending()
    {
        var file = Path.GetTempFileName();
        await using var aggregator = await AggregatorHost.Start(settings: [("FedQueue:Storage:Models", Path.Combine(file, "models"))]);
        await aggregator.StartRun(Plan(participants: 1));
        await aggregator.Join("a");
        await aggregator.Bus.Publish(Weights(await aggregator.UntilOpen(1), "a", 1));
        await aggregator.Bus.Publish(Evaluation(await aggregator.UntilOpen(2), "a", 4));

        await aggregator.Heard.Next<RunCompleted>();
        Assert.Contains(aggregator.Logged, line => line.Contains("its model could not be written to", StringComparison.Ordinal));
        File.Delete(file);
    }
}
