using FedQueue.Aggregator.Aggregation;
using FedQueue.Contracts;

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
        Assert.Equal(weights, Aggregate((7919, weights)));
    }

    [Fact]
    public void Equal_updates_give_equal_bits()
    {
        (int, float[])[] updates = [(3, [0.1f, 2]), (5, [0.7f, -1])];
        Assert.Equal(Aggregate(updates), Aggregate(updates));
    }

    /// <summary>Lengths around those of vectors and of the chunks that threads share.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(5_409)]
    [InlineData(32_768)]
    [InlineData(32_769)]
    [InlineData(300_001)]
    public void The_bits_are_those_of_a_plain_loop_in_doubles(int length)
    {
        var random = new SeededRandom((ulong)length);
        var updates = Enumerable.Range(0, 5).Select(_ => (
            Samples: 1 + (int)(random.NextDouble() * 10_000),
            Weights: Enumerable.Range(0, length).Select(_ => (float)((random.NextDouble() - 0.5) * Math.Pow(10, random.NextDouble() * 20 - 10))).ToArray())).ToArray();

        var total = 0.0;
        foreach (var (samples, _) in updates)
            total += Rule.Coefficient(samples);
        var expected = new float[length];
        for (var i = 0; i < length; i++)
        {
            var sum = 0.0;
            foreach (var (samples, weights) in updates)
                sum += Rule.Coefficient(samples) * weights[i];
            expected[i] = (float)(sum / total);
        }

        Assert.Equal(expected, Aggregate(updates));
    }

    /// <summary>Folded in in another order, these values lose the small ones.</summary>
    [Fact]
    public void Values_that_cancel_are_summed_in_the_order_of_the_updates()
    {
        float[] values = [1e20f, -5e19f, -5e19f, 7, 3e-5f, 1];
        var expected = (float)(((((1e20f - 5e19f) - 5e19f) + 7.0) + 3e-5f + 1) / 6);
        Assert.Equal([expected], Aggregate([.. values.Select(value => (1, new[] { value }))]));
    }

    /// <summary>A comparison of numbers takes −0 for 0, but their SHA-256 are different. 17 values: vectors and a rest.</summary>
    [Fact]
    public void Minus_zero_becomes_zero_as_in_a_sum_that_begins_with_zero() =>
        Assert.All(Aggregate((1, [.. Enumerable.Repeat(-0f, 17)])), weight => Assert.Equal(0, BitConverter.SingleToInt32Bits(weight)));

    [Fact]
    public void The_same_sums_serve_the_next_part_also_a_shorter_one()
    {
        var mean = new WeightedMean(3);
        var result = new byte[8];
        mean.Add(WeightBytes.From([9, 9, 9]), 1);
        mean.MoveTo(new byte[12]);

        mean.Add(WeightBytes.From([1, 2]), Rule.Coefficient(1));
        mean.Add(WeightBytes.From([3, 6]), Rule.Coefficient(1));
        mean.MoveTo(result);

        Assert.Equal([2, 4], WeightBytes.ToFloats(result));
    }

    [Fact]
    public void An_update_of_another_length_is_refused()
    {
        var mean = new WeightedMean(2);
        mean.Add(WeightBytes.From([1, 2]), 1);

        Assert.Throws<ArgumentException>(() => mean.Add(WeightBytes.From([1]), 1));
        Assert.Throws<ArgumentException>(() => mean.Add(WeightBytes.From([1, 2, 3]), 1));
        Assert.Throws<ArgumentException>(() => mean.MoveTo(new byte[4]));
    }

    private protected float[] Aggregate(params (int Samples, float[] Weights)[] updates)
    {
        var mean = new WeightedMean(updates[0].Weights.Length);
        foreach (var (samples, weights) in updates)
            mean.Add(WeightBytes.From(weights), Rule.Coefficient(samples));
        var result = new byte[updates[0].Weights.Length * sizeof(float)];
        mean.MoveTo(result);
        return WeightBytes.ToFloats(result);
    }
}

public sealed class FedAvgTests : AggregationRuleTests
{
    private protected override IAggregationRule Rule { get; } = new FedAvg();

    [Fact]
    public void Participants_count_by_their_samples() => Assert.Equal([2.5f, 0], Aggregate((1, [1, 3]), (3, [3, -1])));

    /// <summary>Samples times a weight are exact in a double below 2²⁹ samples; only above can a fused step have other bits.</summary>
    [Fact]
    public void Products_are_rounded_before_they_are_added()
    {
        float[] weights = [.. Enumerable.Repeat(1f / 3, 17)];
        Assert.All(Aggregate((int.MaxValue, [.. weights.Select(weight => -weight)]), (int.MaxValue, weights)), weight => Assert.Equal(0, weight));
    }
}

public sealed class MeanTests : AggregationRuleTests
{
    private protected override IAggregationRule Rule { get; } = new Mean();

    [Fact]
    public void Participants_count_equally() => Assert.Equal([2, 1], Aggregate((1, [1, 3]), (3, [3, -1])));
}
