using FedQueue.Aggregator.Rounds;
using FedQueue.Aggregator.Runs;
using FedQueue.Aggregator.Storage;
using FedQueue.Contracts;
using Microsoft.EntityFrameworkCore;
using static FedQueue.Aggregator.Tests.Answers;

namespace FedQueue.Aggregator.Tests.Runs;

public sealed class PlanOffersTests
{
    [Fact]
    public async Task A_run_waits_for_a_participant_whose_data_will_not_do_and_says_why_and_starts_when_they_do()
    {
        await using var aggregator = await AggregatorHost.Start();
        await aggregator.StartRun(Plan(participants: 3));
        await aggregator.UntilNoted(EventKind.RunCreated);
        await aggregator.Join("a", "c");
        await aggregator.Claim("worker-of-b", "b");

        await aggregator.Renew("worker-of-b", "b", problem: "b.csv, line 1: no column 'load'.");

        var sentence = (await aggregator.Read(db => RunStanding.Load(db, "run", CancellationToken.None)))!.Sentence;
        Assert.StartsWith("run run: 2 of 3 participants (a, c), waiting for 1 more", sentence, StringComparison.Ordinal);
        Assert.EndsWith("; b cannot take part: b.csv, line 1: no column 'load'", sentence, StringComparison.Ordinal);

        // Its owner has mended the file.
        var plan = (await aggregator.Read(db => db.Runs.SingleAsync())).Offer();
        await aggregator.Client<RenewClaim>().GetResponse<ParticipantClaimed>(
            new RenewClaim { WorkerId = "worker-of-b", Participant = "b", Checked = [new() { RunId = "run", Key = plan.Key() }] });
        Assert.Equal(["a", "b", "c"], (await aggregator.UntilOpen(1)).Participants);
    }

    [Fact]
    public async Task A_run_for_which_others_are_enough_starts_without_it_and_asks_it_in_no_round()
    {
        await using var aggregator = await AggregatorHost.Start();
        await aggregator.StartRun(Plan(participants: 2));
        await aggregator.UntilNoted(EventKind.RunCreated);
        await aggregator.Claim("worker-of-b", "b");
        await aggregator.Renew("worker-of-b", "b", problem: "It has no rows.");

        await aggregator.Join("a", "c");

        Assert.Equal(["a", "c"], (await aggregator.UntilOpen(1)).Participants);
    }

    [Fact]
    public async Task Who_fails_because_of_its_data_is_not_asked_again_in_the_run()
    {
        await using var aggregator = await AggregatorHost.Start();
        await aggregator.StartRun(Plan(participants: 3, rounds: 3) with { Minimum = 2 });
        await aggregator.Join("a", "b", "c");
        var round = await aggregator.UntilOpen(1);
        await aggregator.Bus.Publish(Weights(round, "a", 1));
        await aggregator.Bus.Publish(Weights(round, "c", 1));

        await aggregator.Bus.Publish(Failure(round, "b", "It has no rows any more.") with { IsOfData = true });

        Assert.Equal(["a", "c"], (await aggregator.UntilOpen(2)).Participants);
        var summary = await aggregator.Read(db => RunSummary.Load(db, "run", CancellationToken.None));
        Assert.Contains("b contributed to 0 of 1 rounds: It has no rows any more.", summary!.Warnings);
    }

    [Fact]
    public async Task What_was_said_of_another_plan_or_of_other_columns_counts_for_nothing()
    {
        await using var aggregator = await AggregatorHost.Start();
        await aggregator.StartRun(Plan(participants: 2));
        await aggregator.UntilNoted(EventKind.RunCreated);
        await aggregator.Join("a");
        await aggregator.Claim("worker-of-b", "b");
        var plan = (await aggregator.Read(db => db.Runs.SingleAsync())).Offer();
        var strange = new ColumnSpan { Column = "Salary", Count = 1, Minimum = 0, Maximum = 1 };

        foreach (var check in new PlanChecked[]
        {
            new() { RunId = "run", Key = new string('0', 64) },
            new() { RunId = "never", Key = plan.Key() },
            new() { RunId = "run", Key = plan.Key(), Spans = [strange] },
        })
            await aggregator.Client<RenewClaim>().GetResponse<ParticipantClaimed>(new RenewClaim { WorkerId = "worker-of-b", Participant = "b", Checked = [check] });

        Assert.Null((await aggregator.Read(db => db.Participants.SingleAsync(p => p.Name == "b"))).ChecksJson);
        Assert.False(await aggregator.Read(db => db.Rounds.AnyAsync()));
    }

    [Fact]
    public async Task A_renewal_says_how_the_round_that_it_names_stands()
    {
        await using var aggregator = await AggregatorHost.Start();
        await aggregator.StartRun(Plan(participants: 2));
        await aggregator.Join("a", "b");
        var round = await aggregator.UntilOpen(1);

        Assert.Equal(RoundStanding.Open, await Standing(round.CorrelationId));
        Assert.Equal(RoundStanding.Unknown, await Standing(RoundIdentity.Of("run", 7)));
        await aggregator.Bus.Publish(Weights(round, "a", 1));
        await aggregator.UntilNoted(EventKind.Submitted, "a");
        Assert.Equal(RoundStanding.Closed, await Standing(round.CorrelationId));

        async Task<RoundStanding> Standing(Guid id) => (await aggregator.Client<RenewClaim>().GetResponse<ParticipantClaimed>(
            new RenewClaim { WorkerId = "worker-of-a", Participant = "a", NewestRoundId = id })).Message.NewestRound;
    }
}
