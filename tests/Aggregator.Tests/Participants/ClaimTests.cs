using FedQueue.Contracts;
using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using static FedQueue.Aggregator.Tests.Answers;

namespace FedQueue.Aggregator.Tests.Participants;

public sealed class ClaimTests
{
    [Fact]
    public async Task Replicas_get_what_is_free_in_ordinal_order_and_the_surplus_one_is_told_who_holds_what()
    {
        await using var aggregator = await AggregatorHost.Start();

        Assert.Equal("task_001", Claimed(await aggregator.Claim("w1", "task_005", "task_001")));
        Assert.Equal("task_005", Claimed(await aggregator.Claim("w2", "task_005", "task_001")));
        var spare = Assert.IsType<ParticipantUnavailable>(await aggregator.Claim("w3", "task_005", "task_001"));
        Assert.Equal("every participant it can read is held: task_001, task_005", spare.Reason);
    }

    [Fact]
    public async Task A_repeated_claim_gets_the_same_participant()
    {
        await using var aggregator = await AggregatorHost.Start();

        Assert.Equal("a", Claimed(await aggregator.Claim("w1", "a", "b")));
        Assert.Equal("a", Claimed(await aggregator.Claim("w1", "a", "b")));
    }

    [Fact]
    public async Task A_lapsed_lease_may_be_taken_and_its_former_holder_is_told_why_it_lost_it()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var aggregator = await AggregatorHost.Start(clock: clock);
        await aggregator.Claim("w1", "a");
        clock.Advance(TimeSpan.FromSeconds(20));
        await aggregator.Renew("w1", "a");
        clock.Advance(TimeSpan.FromSeconds(20));
        Assert.IsType<ParticipantUnavailable>(await aggregator.Claim("w2", "a"));

        clock.Advance(TimeSpan.FromSeconds(15));

        Assert.Equal("a", Claimed(await aggregator.Claim("w2", "a")));
        var lost = Assert.IsType<ParticipantUnavailable>(await aggregator.Renew("w1", "a"));
        Assert.Equal("the lease on a had lapsed and another worker holds it now", lost.Reason);
    }

    [Fact]
    public async Task A_released_participant_is_free_at_once()
    {
        await using var aggregator = await AggregatorHost.Start();
        await aggregator.Claim("w1", "a");

        await aggregator.Bus.Publish(new ReleaseParticipant { WorkerId = "w1", Participant = "a" });
        await aggregator.Until(db => db.Participants.FirstOrDefaultAsync(p => p.WorkerId == null), "the participant is free");

        Assert.Equal("a", Claimed(await aggregator.Claim("w2", "a")));
    }

    [Fact]
    public async Task A_worker_that_takes_over_is_told_the_open_round_on_its_own_queue_unless_the_submission_is_stored()
    {
        await using var aggregator = await AggregatorHost.Start();
        await aggregator.StartRun(Plan());
        await aggregator.Join("a", "b", "c");
        var round = await aggregator.UntilOpen(1);
        await aggregator.Bus.Publish(Weights(round, "b", 1));
        await aggregator.UntilNoted("submitted", "b");
        await aggregator.Heard.Next<RoundStarted>();

        var (ofA, ofB) = (await Listen(aggregator, "a"), await Listen(aggregator, "b"));
        await TakeOver(aggregator, "a");
        await TakeOver(aggregator, "b");

        // The queue of b is served in order, so what comes after its takeover proves that nothing came for it.
        Assert.Equal(round.CorrelationId, (await ofA.Next<RoundStarted>()).RoundId);
        await aggregator.Bus.Publish(Weights(round, "a", 1));
        await aggregator.Bus.Publish(Weights(round, "c", 1));
        Assert.Equal(2, (await ofB.Next<RoundStarted>()).Round);
    }

    private static async Task<Heard> Listen(AggregatorHost aggregator, string participant)
    {
        var heard = new Heard();
        var endpoint = aggregator.Services.GetRequiredService<IReceiveEndpointConnector>().ConnectReceiveEndpoint(
            ParticipantName.QueueOf(participant),
            (_, queue) => queue.Handler<RoundStarted>(heard.Add));
        await endpoint.Ready;
        return heard;
    }

    private static async Task TakeOver(AggregatorHost aggregator, string participant)
    {
        await aggregator.Bus.Publish(new ReleaseParticipant { WorkerId = $"worker-of-{participant}", Participant = participant });
        await aggregator.Until(db => db.Participants.FirstOrDefaultAsync(p => p.Name == participant && p.WorkerId == null), "it is free");
        await aggregator.Claim("successor-of-" + participant, participant);
        await aggregator.Renew("successor-of-" + participant, participant);
    }

    private static string Claimed(object answer) => Assert.IsType<ParticipantClaimed>(answer).Participant;
}
