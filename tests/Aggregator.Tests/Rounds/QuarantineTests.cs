using FedQueue.Aggregator.Rounds;
using FedQueue.Aggregator.Runs;
using FedQueue.Aggregator.Storage;
using FedQueue.Contracts;
using Microsoft.EntityFrameworkCore;
using static FedQueue.Aggregator.Tests.Answers;

namespace FedQueue.Aggregator.Tests.Rounds;

public sealed class QuarantineTests
{
    public static TheoryData<string, string> Faults() => new()
    {
        { "not finite", "Weight 0 is NaN; only finite weights can be averaged." },
        { "short", "The weights have 8 bytes; the model has 18 parameters, 72 bytes." },
        { "no samples", "It was trained on 0 windows; 1 to 1000000000 are possible." },
        { "unknown participant", "stranger is not among the participants of round 1: a, b, c." },
        { "wrong holder", "somebody does not hold a: another worker does." },
        { "error on fewer than no windows", "Its errors are MSE 1, MAE 1 on -1 windows" },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task A_faulty_submission_is_kept_with_its_reason_and_changes_nothing_else(string fault, string reason)
    {
        await using var aggregator = await AggregatorHost.Start();
        await aggregator.StartRun(Plan());
        await aggregator.Join("a", "b", "c");
        var round = await aggregator.UntilOpen(1);
        var faulty = Faulty(Weights(round, "a", 100), fault);

        await aggregator.Bus.Publish(faulty);
        await aggregator.UntilNoted(EventKind.Quarantined);
        await aggregator.Bus.Publish(faulty);
        await aggregator.UntilNoted(EventKind.Duplicate);
        foreach (var participant in round.Participants)
            await aggregator.Bus.Publish(Weights(round, participant, 2));

        await aggregator.Heard.Next<RoundCompleted>();
        var model = await aggregator.Read(db => db.Models.SingleAsync(m => m.Round == 1));
        Assert.All(WeightBytes.ToFloats(model.Weights), weight => Assert.Equal(2, weight));

        var quarantine = await aggregator.Read(db => RunQuarantine.Load(db, "run", CancellationToken.None));
        var entry = Assert.Single(quarantine!.Entries);
        Assert.StartsWith(reason, entry.Reason, StringComparison.Ordinal);
        Assert.Equal((faulty.Participant, faulty.WorkerId, faulty.SampleCount), (entry.Participant, entry.WorkerId, entry.SampleCount));
        Assert.Equal(faulty.Weights, (await aggregator.Read(db => db.Quarantine.SingleAsync())).Weights);
        var history = await aggregator.Read(db => RunHistory.Load(db, "run", CancellationToken.None));
        Assert.Equal((1, 1, 3), (history!.Counts[EventKind.Quarantined], history.Counts[EventKind.Duplicate], history.Counts[EventKind.Submitted]));
    }

    [Fact]
    public async Task The_last_submission_of_a_worker_that_gave_its_participant_back_counts_although_another_holds_it_now()
    {
        await using var aggregator = await AggregatorHost.Start();
        await aggregator.StartRun(Plan());
        await aggregator.Join("a", "b", "c");
        var round = await aggregator.UntilOpen(1);
        await aggregator.Bus.Publish(new ReleaseParticipant { WorkerId = "worker-of-a", Participant = "a" });
        await aggregator.Until(db => db.Participants.FirstOrDefaultAsync(p => p.Name == "a" && p.WorkerId == null), "a is given back");
        await aggregator.Claim("successor", "a");

        await aggregator.Bus.Publish(Weights(round, "a", 5));

        Assert.Contains("worker-of-a", (await aggregator.UntilNoted(EventKind.Submitted, "a")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failure_that_somebody_else_reports_is_not_believed()
    {
        await using var aggregator = await AggregatorHost.Start();
        await aggregator.StartRun(Plan());
        await aggregator.Join("a", "b", "c");
        var round = await aggregator.UntilOpen(1);

        await aggregator.Bus.Publish(Failure(round, "a", "It cannot.") with { WorkerId = "somebody" });
        await aggregator.UntilNoted(EventKind.Quarantined, "a");

        Assert.Empty((await aggregator.UntilOpen(1)).Failed);
    }

    private static WeightsSubmitted Faulty(WeightsSubmitted message, string fault) => fault switch
    {
        "not finite" => message with { Weights = WeightBytes.From(Enumerable.Repeat(float.NaN, ParameterCount).ToArray()) },
        "short" => message with { Weights = new byte[8] },
        "no samples" => message with { SampleCount = 0 },
        "unknown participant" => message with { Participant = "stranger" },
        "wrong holder" => message with { WorkerId = "somebody" },
        _ => message with { LocalError = Error(1, windows: -1) },
    };
}
