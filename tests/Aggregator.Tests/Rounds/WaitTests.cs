using FedQueue.Aggregator.Rounds;
using FedQueue.Aggregator.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Time.Testing;
using static FedQueue.Aggregator.Tests.Answers;

namespace FedQueue.Aggregator.Tests.Rounds;

public sealed class WaitTests
{
    [Fact]
    public async Task A_run_without_its_participants_says_who_is_there_and_what_to_do()
    {
        await using var aggregator = await AggregatorHost.Start(clock: new FakeTimeProvider(DateTimeOffset.UtcNow));
        await aggregator.StartRun(Plan(participants: 5));
        await aggregator.Join("task_009", "task_001");
        await aggregator.UntilNoted(EventKind.RunCreated);

        Assert.Equal(
            "run run: 2 of 5 participants (task_001, task_009), waiting for 3 more, fails in 86400 s; they start in this process",
            await Sentence(aggregator));
    }

    [Fact]
    public async Task An_open_round_says_from_whom_a_submission_is_awaited_and_how_long_still()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var aggregator = await AggregatorHost.Start(clock: clock);
        await aggregator.StartRun(Plan() with { Minimum = 2, Deadline = TimeSpan.FromSeconds(60) });
        await aggregator.Join("a", "b", "c");
        var round = await aggregator.UntilOpen(1);
        await aggregator.Bus.Publish(Weights(round, "b", 1));
        await aggregator.UntilNoted(EventKind.Submitted, "b");
        clock.Advance(TimeSpan.FromSeconds(20));
        await aggregator.Renew("worker-of-c", "c");
        clock.Advance(TimeSpan.FromSeconds(21));

        Assert.Equal(
            "round 1: 1 of 3 submissions, waiting for a (no worker has it since 41 s), c (last heard 21 s ago), closes in 19 s with minimum 2",
            await Sentence(aggregator));
    }

    [Fact]
    public async Task A_run_that_started_after_it_was_read_does_not_wait_for_itself()
    {
        await using var aggregator = await AggregatorHost.Start();
        await aggregator.StartRun(Plan());
        await aggregator.UntilNoted(EventKind.RunCreated);
        var read = await aggregator.Read(db => db.Runs.AsNoTracking().SingleAsync());
        await aggregator.Join("a", "b", "c");
        await aggregator.UntilOpen(1);

        Assert.Equal(
            "run run: opening round 1 as soon as the broker takes the command, which is tried every second",
            await aggregator.Read(db => Wait.Sentence(db, read, newest: null, CancellationToken.None)));
    }

    private static Task<string?> Sentence(AggregatorHost aggregator) => aggregator.Read(async db => await Wait.Sentence(
        db, await db.Runs.SingleAsync(), await db.Rounds.OrderByDescending(r => r.Round).FirstOrDefaultAsync(), CancellationToken.None));
}
