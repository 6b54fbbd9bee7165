using FedQueue.Aggregator.Rounds;
using FedQueue.Aggregator.Runs;
using FedQueue.Aggregator.Storage;
using FedQueue.Contracts;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using static FedQueue.Aggregator.Tests.Answers;

namespace FedQueue.Aggregator.Tests.Runs;

public sealed class CancelTests
{
    [Fact]
    public async Task A_cancelled_run_ends_at_once_its_workers_are_told_later_answers_are_late_and_the_next_run_starts()
    {
        await using var aggregator = await AggregatorHost.Start();
        await aggregator.StartRun(Plan(participants: 2));
        await aggregator.StartRun(Plan(participants: 2), "next");
        await aggregator.Join("a", "b");
        var round = await aggregator.UntilOpen(1);
        await aggregator.Bus.Publish(Weights(round, "a", 1));
        await aggregator.UntilNoted(EventKind.Submitted, "a");

        Assert.Null(await Cancel(aggregator, "run"));

        var run = await aggregator.Read(db => db.Runs.SingleAsync(r => r.Id == "run"));
        Assert.Equal((RunStatus.Cancelled, true, "It was cancelled by a person."), (run.Status, run.HasEnded, run.Reason));
        Assert.NotNull(run.EndedAt);
        Assert.Equal("run", (await aggregator.Heard.Next<RunCancelled>()).RunId);
        var open = await aggregator.UntilOpen(1, "next");

        await aggregator.Bus.Publish(Weights(round, "b", 1));
        await aggregator.UntilNoted(EventKind.Late, "b");
        var closed = await aggregator.Read(db => db.Rounds.SingleAsync(r => r.RunId == "run"));
        Assert.Equal(nameof(RoundStateMachine.Failed), closed.CurrentState);
        Assert.Equal(["a"], closed.Submitted);

        // The next run is not disturbed by it.
        foreach (var name in new[] { "a", "b" })
            await aggregator.Bus.Publish(Weights(open, name, 1));
        await aggregator.UntilOpen(2, "next");
    }

    [Fact]
    public async Task A_round_whose_command_was_on_its_way_when_the_run_was_cancelled_is_not_opened()
    {
        await using var aggregator = await AggregatorHost.Start();
        await aggregator.StartRun(Plan(participants: 1, rounds: 3));
        await aggregator.Join("a");
        await aggregator.UntilOpen(1);
        Assert.Null(await Cancel(aggregator, "run"));

        await aggregator.Bus.Publish(new StartRound { RunId = "run", Round = 2, RoundId = RoundIdentity.Of("run", 2) });

        // The next message of the queue is handled after it.
        await aggregator.Bus.Publish(Weights(new RoundState { CorrelationId = RoundIdentity.Of("run", 1), RunId = "run", Round = 1 }, "a", 1));
        await aggregator.UntilNoted(EventKind.Late);
        Assert.Equal(1, await aggregator.Read(db => db.Rounds.CountAsync()));
        Assert.DoesNotContain(aggregator.Heard.All<RoundStarted>(), round => round.Round == 2);
        Assert.Equal(1, (await aggregator.Read(db => db.Runs.SingleAsync())).Round);
    }

    [Fact]
    public async Task A_run_that_waits_is_cancelled_without_a_word_to_the_workers_and_one_that_has_ended_is_not()
    {
        await using var aggregator = await AggregatorHost.Start();
        await aggregator.StartRun(Plan(participants: 5));
        await aggregator.UntilNoted(EventKind.RunCreated);

        Assert.Null(await Cancel(aggregator, "run"));

        Assert.Equal("The run 'run' has ended already: it was cancelled.", (await Cancel(aggregator, "run"))!.Sentence);
        Assert.Equal(404, (await Cancel(aggregator, "other"))!.Status);
        await aggregator.StartRun(Plan(participants: 1), "after");
        await aggregator.Join("a");
        await aggregator.UntilOpen(1, "after");
        Assert.Empty(aggregator.Heard.All<RunCancelled>());
    }

    private static async Task<Refusal?> Cancel(AggregatorHost aggregator, string runId)
    {
        await using var scope = aggregator.Services.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<RunRequest>().Cancel(runId, CancellationToken.None);
    }
}
