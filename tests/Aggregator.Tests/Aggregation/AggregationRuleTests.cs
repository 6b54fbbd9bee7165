using FedQueue.Aggregator.Aggregation;

namespace FedQueue.Aggregator.Tests.Aggregation;

/// <summary>What every rule must hold; a rule's own numbers stand in its class.</summary>
public abstract class AggregationRuleTests
{
    private protected abstract IAggregationRule Rule { get; }

    [Fact]
    public void It_is_found_under_its_name() => Assert.IsType(Rule.GetType(), AggregationRules.Find(Rule.Name));

    [Fact]
    public void A_single_update_is_returned_bit_for_bit()
    {
        float[] weights = [0.1f, -3e-38f, 1e38f, 0, 1f / 3];
        Assert.Equal(weights, Rule.Aggregate([new("a", 7919, weights)]));
    }

    [Fact]
    public void Equal_updates_give_equal_bits()
    {
        ParticipantUpdate[] updates = [new("a", 3, [0.1f, 2]), new("b", 5, [0.7f, -1])];
        Assert.Equal(Rule.Aggregate(updates), Rule.Aggregate(updates));
    }

    [Fact]
    public void The_updates_stay_as_they_are()
    {
        float[] weights = [1, 2];
        Rule.Aggregate([new("a", 1, weights), new("b", 1, [3, 4])]);
        Assert.Equal([1, 2], weights);
    }
}

public sealed class FedAvgTests : AggregationRuleTests
{
    private protected override IAggregationRule Rule { get; } = new FedAvg();

    [Fact]
    public void Participants_count_by_their_samples() =>
        Assert.Equal([2.5f, 0], Rule.Aggregate([new("a", 1, [1, 3]), new("b", 3, [3, -1])]));
}

public sealed class MeanTests : AggregationRuleTests
{
    private protected override IAggregationRule Rule { get; } = new Mean();

    [Fact]
    public void Participants_count_equally() =>
        Assert.Equal([2, 1], Rule.Aggregate([new("a", 1, [1, 3]), new("b", 3, [3, -1])]));
}
