using FedQueue.Aggregator.Participants;
using FedQueue.Aggregator.Storage;
using FedQueue.Contracts;
using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using static FedQueue.Aggregator.Tests.Answers;

namespace FedQueue.Aggregator.Tests.Participants;

public sealed class MembershipTests
{
    [Fact]
    public async Task A_joiner_takes_part_from_the_next_round()
    {
        await using var aggregator = await AggregatorHost.Start();
        await aggregator.StartRun(Plan(rounds: 2));
        await aggregator.Join("a", "b", "c");
        var first = await aggregator.UntilOpen(1);
        await aggregator.Join("d");

        foreach (var name in first.Participants)
            await aggregator.Bus.Publish(Weights(first, name, 1));

        Assert.Equal(["a", "b", "c"], first.Participants);
        Assert.Equal(["a", "b", "c", "d"], (await aggregator.UntilOpen(2)).Participants);
    }

    [Fact]
    public async Task With_more_participants_than_the_goal_the_first_close_the_round_and_the_others_are_named_as_missing()
    {
        await using var aggregator = await AggregatorHost.Start();
        await aggregator.StartRun(Plan(participants: 4) with { Goal = 2 });
        await aggregator.Join("a", "b", "c", "d");
        var round = await aggregator.UntilOpen(1);

        await aggregator.Bus.Publish(Weights(round, "d", 1));
        await aggregator.UntilNoted(EventKind.Submitted, "d");
        await aggregator.Bus.Publish(Weights(round, "b", 3));

        var completed = await aggregator.Heard.Next<RoundCompleted>();
        Assert.Equal(["b", "d"], completed.Contributors);
        Assert.Equal(["a", "c"], completed.Missing);
        Assert.Contains("missing a, c,", (await aggregator.UntilNoted(EventKind.RoundCompleted)).Text, StringComparison.Ordinal);
        await aggregator.Bus.Publish(Weights(round, "a", 100));
        Assert.StartsWith("It arrived after the round was closed", (await aggregator.UntilNoted(EventKind.Late, "a")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_two_workers_that_claim_the_same_participant_one_wins_and_the_other_is_told_so()
    {
        await using var aggregator = await AggregatorHost.Start();

        var answers = await Task.WhenAll(aggregator.Claim("first", "a"), aggregator.Claim("second", "a"));

        Assert.Single(answers.OfType<ParticipantClaimed>());
        Assert.Equal("every participant it can read is held: a", Assert.Single(answers.OfType<ParticipantUnavailable>()).Reason);
    }

    [Fact]
    public async Task While_renewals_could_not_be_heard_no_lease_lapses()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var aggregator = await AggregatorHost.Start(clock: clock);
        await aggregator.Join("a");
        var leases = aggregator.Services.GetRequiredService<Leases>();
        leases.StopListening();
        clock.Advance(TimeSpan.FromMinutes(5));

        Assert.IsType<ParticipantUnavailable>(await aggregator.Claim("spare", "a"));
        leases.ListenAnew();
        Assert.IsType<ParticipantUnavailable>(await aggregator.Claim("spare", "a"));
        clock.Advance(leases.Length);
        Assert.IsType<ParticipantClaimed>(await aggregator.Claim("spare", "a"));
    }

    /// <summary>A broker with a memory alarm, or one that stands still: it is connected, and nothing comes through.</summary>
    [Fact]
    public async Task After_a_silence_of_everybody_the_living_keep_what_they_hold_and_the_dead_lose_it_a_little_later()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var aggregator = await AggregatorHost.Start(clock: clock);
        await aggregator.Join("a", "b");
        clock.Advance(TimeSpan.FromSeconds(75));

        // What a spare has sent may be the first that comes through.
        Assert.IsType<ParticipantUnavailable>(await aggregator.Claim("spare", "a", "b"));
        clock.Advance(TimeSpan.FromSeconds(5));
        Assert.IsType<ParticipantUnavailable>(await aggregator.Claim("spare", "a", "b"));
        Assert.IsType<ParticipantClaimed>(await aggregator.Renew("worker-of-a", "a"));

        clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal("b", Assert.IsType<ParticipantClaimed>(await aggregator.Claim("spare", "a", "b")).Participant);
    }

    [Fact]
    public async Task A_successor_is_told_which_round_its_predecessor_has_answered()
    {
        await using var aggregator = await AggregatorHost.Start();
        await aggregator.StartRun(Plan());
        await aggregator.Join("a", "b", "c");
        var round = await aggregator.UntilOpen(1);
        await aggregator.Bus.Publish(Weights(round, "a", 1));
        await aggregator.UntilNoted(EventKind.Submitted, "a");
        await aggregator.Bus.Publish(new ReleaseParticipant { WorkerId = "worker-of-a", Participant = "a" });
        await aggregator.Until(db => db.Participants.FirstOrDefaultAsync(p => p.Name == "a" && p.WorkerId == null), "a is given back");

        Assert.Equal(round.CorrelationId, Assert.IsType<ParticipantClaimed>(await aggregator.Claim("successor", "a")).AnsweredRoundId);
    }

    [Theory]
    [InlineData(5, "edge-1 speaks version 5 of FedQueue's messages and this aggregator only version 4: update the aggregator.")]
    [InlineData(1, "edge-1 speaks version 1 of FedQueue's messages and this aggregator only version 4: update the worker.")]
    public async Task A_worker_of_another_message_version_is_refused_with_a_sentence_that_names_both(int version, string sentence)
    {
        await using var aggregator = await AggregatorHost.Start();

        var response = await aggregator.Client<ClaimParticipant>().GetResponse<ParticipantClaimed, ParticipantUnavailable>(
            new ClaimParticipant { WorkerId = "edge-1", Candidates = ["a"], ProtocolVersion = version });

        Assert.Equal(sentence, Assert.IsType<ParticipantUnavailable>(response.Message).Reason);
        Assert.False(await aggregator.Read(db => db.Participants.AnyAsync()));
    }

    [Fact]
    public async Task A_waiting_run_starts_when_the_last_participant_whose_lease_had_lapsed_renews_it()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var aggregator = await AggregatorHost.Start(clock: clock);
        await aggregator.StartRun(Plan() with { StartWithin = TimeSpan.FromDays(1) });
        await aggregator.UntilNoted(EventKind.RunCreated);
        await aggregator.Join("a", "b");
        clock.Advance(TimeSpan.FromMinutes(10));
        await aggregator.Join("c");

        await aggregator.Renew("worker-of-a", "a");
        await aggregator.Renew("worker-of-b", "b");

        await aggregator.UntilNoted(EventKind.RunStarted);
    }

    [Fact]
    public async Task A_run_whose_participants_do_not_come_fails_in_its_time_and_says_so()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var aggregator = await AggregatorHost.Start(clock: clock);
        await aggregator.StartRun(Plan() with { StartWithin = TimeSpan.FromMinutes(5) });
        await aggregator.Join("a");
        await aggregator.UntilNoted(EventKind.RunCreated);

        clock.Advance(TimeSpan.FromMinutes(6));

        Assert.StartsWith("Only 0 of 3 participants were there within 00:05:00", (await aggregator.UntilEnded()).Reason, StringComparison.Ordinal);
    }
}
