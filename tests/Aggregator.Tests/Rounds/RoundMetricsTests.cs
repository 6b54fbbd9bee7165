using FedQueue.Aggregator.Storage;
using FedQueue.Contracts;
using static FedQueue.Aggregator.Tests.Answers;

namespace FedQueue.Aggregator.Tests.Rounds;

public sealed class RoundMetricsTests
{
    [Fact]
    public async Task Every_answer_is_counted_once_under_its_verdict_and_every_round_under_its_outcome()
    {
        await using var aggregator = await AggregatorHost.Start();
        using var measured = new Measured(aggregator.Services);
        await aggregator.StartRun(Plan());
        await aggregator.Join("a", "b", "c");
        var round = await aggregator.UntilOpen(1);

        await aggregator.Bus.Publish(Weights(round, "a", float.NaN));
        await aggregator.UntilNoted(EventKind.Quarantined);
        await aggregator.Bus.Publish(Weights(round, "a", 1));
        await aggregator.UntilNoted(EventKind.Submitted, "a");
        await aggregator.Bus.Publish(Weights(round, "a", 1));
        await aggregator.UntilNoted(EventKind.Duplicate);
        await aggregator.Bus.Publish(Weights(round, "b", 1));
        await aggregator.Bus.Publish(Weights(round, "c", 1));
        await aggregator.Heard.Next<RoundCompleted>();
        await aggregator.Bus.Publish(Weights(round, "d", 1));
        await aggregator.UntilNoted(EventKind.Late);

        await Reaches(measured, "fedqueue.submissions late", 1);
        Assert.Equal(3, measured["fedqueue.submissions accepted"]);
        Assert.Equal(1, measured["fedqueue.submissions duplicate"]);
        Assert.Equal(1, measured["fedqueue.submissions quarantined"]);
        Assert.Equal(1, measured["fedqueue.rounds completed"]);
        Assert.Equal(1, measured["fedqueue.aggregation.duration fedavg"]);
        Assert.Equal(6, measured["fedqueue.queue.wait WeightsSubmitted"]);
    }

    [Fact]
    public async Task What_is_rolled_back_is_not_counted()
    {
        await using var aggregator = await AggregatorHost.Start();
        using var measured = new Measured(aggregator.Services);

        await Assert.ThrowsAsync<InvalidOperationException>(() => aggregator.Read(async db =>
        {
            await db.Transact(() =>
            {
                db.Note("run", 1, EventKind.Submitted, "a", "It is tried again.");
                throw new InvalidOperationException("The storage is full.");
            }, CancellationToken.None);
            return 0;
        }));
        await aggregator.Read(async db =>
        {
            await db.Transact(() =>
            {
                db.Note("run", 1, EventKind.Submitted, "a", "It is stored.");
                return Task.CompletedTask;
            }, CancellationToken.None);
            return 0;
        });

        Assert.Equal(1, measured["fedqueue.submissions accepted"]);
    }

    [Fact]
    public async Task Participants_are_counted_by_state_without_their_names_and_the_outbox_by_its_rows()
    {
        await using var aggregator = await AggregatorHost.Start();
        using var measured = new Measured(aggregator.Services);
        await aggregator.Join("a", "b");
        await aggregator.Claim("worker-of-c", "c");
        await aggregator.Claim("worker-of-d", "d");
        await aggregator.Bus.Publish(new ReleaseParticipant { WorkerId = "worker-of-d", Participant = "d" });

        await Reaches(measured, "fedqueue.participants free", 1);
        await Reaches(measured, "fedqueue.participants present", 2);
        Assert.Equal(1, measured["fedqueue.participants claimed"]);
        Assert.Equal(0, measured["fedqueue.outbox.backlog"]);
        Assert.Contains("fedqueue.outbox.backlog", measured.Keys);
    }

    /// <summary>Counting follows the commit, so it may come after what the commit has sent.</summary>
    private static Task<string> Reaches(Measured measured, string key, double value) => AggregatorHost.Until(
        () => Task.FromResult(measured[key] == value ? key : null), $"{key} is {value}");
}
