using FedQueue.Aggregator.Rounds;
using FedQueue.Aggregator.Runs;
using FedQueue.Aggregator.Storage;
using FedQueue.Contracts;
using MassTransit;
using Microsoft.EntityFrameworkCore;
using static FedQueue.Aggregator.Tests.Answers;

namespace FedQueue.Aggregator.Tests.Rounds;

/// <summary>Weights larger than one message, with parts of 1 KiB.</summary>
public sealed class PartsTests
{
    private const int PartLength = 1024;

    private static readonly RunPlan Large = Plan(participants: 2) with { Units = 16 };

    private static readonly int Length = Large.Model().ParameterCount() * sizeof(float);

    [Fact]
    public async Task A_submission_counts_when_its_last_part_is_there_in_any_order_and_copies_have_no_effect()
    {
        await using var aggregator = await Start();
        var round = await aggregator.UntilOpen(1);
        var (a, b) = (Parts(round, "a", 1), Parts(round, "b", 2));
        Assert.Equal(5, a.Count);

        foreach (var part in new[] { a[4], a[0], b[3], a[2], a[2], b[0], a[1], a[3], a[3], b[4], b[2] })
            await aggregator.Bus.Publish(part);
        await aggregator.UntilNoted(EventKind.Submitted, "a");
        await AggregatorHost.Until(() => aggregator.Read(async db => await db.SubmissionParts.CountAsync(p => p.Participant == "b") == 4 ? "all" : null), "four parts of b");
        Assert.Equal(["a"], await aggregator.Read(db => db.Submissions.Select(s => s.Participant).ToListAsync()));
        await aggregator.Bus.Publish(b[1]);

        await aggregator.Heard.Next<RoundCompleted>();
        var model = await aggregator.Read(async db => await ModelRow.Read(db, await db.Models.SingleAsync(m => m.Round == 1), CancellationToken.None));
        var expected = Values(1).Zip(Values(2), (x, y) => (float)(((double)x * 10 + (double)y * 10) / 20)).ToArray();
        Assert.Equal(expected, WeightBytes.ToFloats(model));
        Assert.Equal(2, await aggregator.Read(db => db.Events.CountAsync(e => e.Kind == EventKind.Duplicate)));
        var verification = await aggregator.Read(db => RunVerification.Load(db, "run", CancellationToken.None));
        Assert.True(verification!.Sound, verification.Verdict);
    }

    /// <summary>In another order they are read again for their hash, which is otherwise taken as they come.</summary>
    [Theory]
    [InlineData(1, 2, 3, 4, 5)]
    [InlineData(1, 2, 4, 5, 3)]
    public async Task Parts_that_are_not_together_what_was_announced_are_quarantined_and_the_right_ones_count(params int[] order)
    {
        await using var aggregator = await Start();
        var round = await aggregator.UntilOpen(1);
        var right = Parts(round, "a", 1);
        var wrong = right[2] with { Weights = right[1].Weights };

        foreach (var part in order)
            await aggregator.Bus.Publish(part == 3 ? wrong : right[part - 1]);
        await aggregator.UntilNoted(EventKind.Quarantined, "a");
        foreach (var part in right)
            await aggregator.Bus.Publish(part);

        await aggregator.UntilNoted(EventKind.Submitted, "a");
        var entry = await aggregator.Read(db => db.Quarantine.SingleAsync());
        Assert.StartsWith("Its 5 parts have together SHA-256 ", entry.Reason, StringComparison.Ordinal);
        Assert.Equal(5, await aggregator.Read(db => db.SubmissionParts.CountAsync()));
    }

    [Fact]
    public async Task A_part_that_cannot_be_one_is_quarantined_with_the_reason()
    {
        await using var aggregator = await Start();
        var round = await aggregator.UntilOpen(1);
        var part = Parts(round, "a", 1)[1];

        await aggregator.Bus.Publish(part with { Part = 6 });
        await aggregator.Bus.Publish(part with { Parts = 1, Part = 1 });
        await aggregator.Bus.Publish(part with { WeightsSha256 = null });
        await aggregator.Bus.Publish(part with { Weights = part.Weights[4..] });
        await aggregator.Bus.Publish(part with { Weights = WeightBytes.From(Enumerable.Repeat(float.NaN, PartLength / 4).ToArray()) });

        var reasons = await AggregatorHost.Until(() => aggregator.Read(async db => await db.Quarantine.Select(q => q.Reason).ToListAsync() is { Count: 5 } all ? all : null), "five entries");
        Assert.Contains("It is part 6 of 5; the model's 4932 bytes are 5 of at most 1024 bytes.", reasons);
        Assert.Contains("It is part 1 of 1; the model's 4932 bytes are 5 of at most 1024 bytes.", reasons);
        Assert.Contains("Part 2 of 5 does not say the SHA-256 of the whole.", reasons);
        Assert.Contains("Part 2 of 5 has 1020 bytes instead of 1024.", reasons);
        Assert.Contains("Weight 0 is NaN; only finite weights can be averaged.", reasons);
        Assert.Equal(0, await aggregator.Read(db => db.SubmissionParts.CountAsync()));
    }

    [Fact]
    public async Task Parts_of_a_submission_that_never_became_whole_go_with_the_round()
    {
        await using var aggregator = await Start(Large with { Goal = 1, Participants = 2 });
        var round = await aggregator.UntilOpen(1);

        await aggregator.Bus.Publish(Parts(round, "b", 2)[0]);
        await AggregatorHost.Until(() => aggregator.Read(async db => await db.SubmissionParts.AnyAsync() ? "one" : null), "a part of b");
        foreach (var part in Parts(round, "a", 1))
            await aggregator.Bus.Publish(part);

        await aggregator.Heard.Next<RoundCompleted>();
        Assert.Equal(["a"], await aggregator.Read(db => db.SubmissionParts.Select(p => p.Participant).Distinct().ToListAsync()));
    }

    [Fact]
    public async Task Global_weights_that_do_not_fit_are_fetched_in_parts()
    {
        await using var aggregator = await Start();
        var round = await aggregator.Heard.Next<RoundStarted>();
        var client = aggregator.Client<FetchWeights>();
        Task<Response<WeightsFetched, WeightsUnavailable>> Fetch(int part, string? sha256 = null) => client.GetResponse<WeightsFetched, WeightsUnavailable>(
            new FetchWeights { WorkerId = "w", RunId = "run", Round = 1, WeightsSha256 = sha256 ?? round.WeightsSha256!, Part = part, PartLength = round.PartLength });

        Assert.True(round.Weights.IsEmpty);
        Assert.Equal(PartLength, round.PartLength);
        var whole = new List<byte>();
        for (var part = 1; part <= 5; part++)
        {
            var answer = await Fetch(part);
            Assert.True(answer.Is(out Response<WeightsFetched>? fetched));
            whole.AddRange(fetched.Message.Weights.Span);
        }

        Assert.Equal(round.WeightsSha256, WeightBytes.Sha256(whole.ToArray()));
        Assert.Equal(Length, whole.Count);
        foreach (var refused in new[] { await Fetch(0), await Fetch(6), await Fetch(1, sha256: "no") })
            Assert.True(refused.Is(out Response<WeightsUnavailable>? _));
    }

    private static async Task<AggregatorHost> Start(RunPlan? plan = null)
    {
        var aggregator = await AggregatorHost.Start(settings: [("FedQueue:Participants:PartKibibytes", "1")]);
        await aggregator.StartRun(plan ?? Large);
        await aggregator.Join("a", "b");
        return aggregator;
    }

    private static float[] Values(float start) => [.. Enumerable.Range(0, Length / sizeof(float)).Select(i => start + i / 3f)];

    private static List<WeightsSubmitted> Parts(RoundState round, string participant, float start)
    {
        var whole = WeightBytes.From(Values(start));
        return [.. Enumerable.Range(1, WeightParts.Count(Length, PartLength)).Select(part => Weights(round, participant, 0) with
        {
            Weights = WeightParts.Of(whole, part, PartLength),
            Part = part,
            Parts = WeightParts.Count(Length, PartLength),
            WeightsSha256 = WeightBytes.Sha256(whole),
        })];
    }
}
