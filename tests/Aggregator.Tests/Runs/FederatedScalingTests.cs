using FedQueue.Contracts;
using MassTransit;
using Microsoft.EntityFrameworkCore;
using static FedQueue.Aggregator.Tests.Answers;

namespace FedQueue.Aggregator.Tests.Runs;

public sealed class FederatedScalingTests
{
    [Fact]
    public async Task A_run_waits_for_the_spans_and_every_participant_gets_those_over_all()
    {
        await using var aggregator = await AggregatorHost.Start();
        await aggregator.StartRun(Federated());
        await aggregator.UntilNoted("run created");
        await aggregator.Join("a", "b");
        var sentence = (await aggregator.Read(db => Aggregator.Runs.RunStanding.Load(db, "run", CancellationToken.None)))!.Sentence;
        Assert.Contains("0 of 2 participants, waiting for 2 more", sentence, StringComparison.Ordinal);
        Assert.EndsWith("a, b told no spans of columns, which federated scaling needs (FedQueue:Worker:ShareSpans)", sentence, StringComparison.Ordinal);

        await Tell(aggregator, "a", ("Progress", 10, 0, 50), ("Speed", 10, -1, 1));
        await Tell(aggregator, "b", ("Progress", 30, 20, 120), ("Speed", 30, -5, 0));

        var started = await aggregator.Heard.Next<RoundStarted>();
        Assert.Equal(
            [new() { Column = "Speed", Count = 40, Minimum = -5, Maximum = 1 }, new() { Column = "Progress", Count = 40, Minimum = 0, Maximum = 100 }],
            started.Columns.Spans);
        Assert.Equal(started.Columns.Spans, (await aggregator.Read(db => db.Runs.SingleAsync())).Plan().Columns.Spans);
    }

    [Fact]
    public async Task Who_takes_the_participant_over_tells_its_own_spans()
    {
        await using var aggregator = await AggregatorHost.Start();
        await aggregator.StartRun(Federated());
        await aggregator.UntilNoted("run created");
        await aggregator.Join("a");
        await Tell(aggregator, "a", ("Progress", 10, 0, 50));
        Assert.Contains("Progress", (await aggregator.Read(db => db.Participants.SingleAsync(p => p.Name == "a"))).ChecksJson, StringComparison.Ordinal);
        await aggregator.Bus.Publish(new ReleaseParticipant { WorkerId = "worker-of-a", Participant = "a" });
        await aggregator.Until(db => db.Participants.FirstOrDefaultAsync(p => p.Name == "a" && p.WorkerId == null), "a is free");

        await aggregator.Claim("another", "a");

        Assert.Null((await aggregator.Read(db => db.Participants.SingleAsync(p => p.Name == "a"))).ChecksJson);
    }

    private static RunPlan Federated()
    {
        var plan = Plan(participants: 2);
        return plan with { Scaling = Scaling.Federated, Columns = plan.Columns with { Features = ["Speed"], TargetCap = 100 } };
    }

    private static Task<Response<ParticipantClaimed>> Tell(AggregatorHost aggregator, string participant, params (string Column, long Count, double Minimum, double Maximum)[] spans) =>
        aggregator.Client<RenewClaim>().GetResponse<ParticipantClaimed>(new RenewClaim
        {
            WorkerId = $"worker-of-{participant}",
            Participant = participant,
            Checked = [new()
            {
                RunId = "run",
                Key = PlanOffered.Of("run", Federated()).Key(),
                Spans = [.. spans.Select(span => new ColumnSpan { Column = span.Column, Count = span.Count, Minimum = span.Minimum, Maximum = span.Maximum })],
            }],
        });
}
