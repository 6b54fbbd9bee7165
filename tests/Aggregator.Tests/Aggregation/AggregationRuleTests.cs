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

    /// <summary>Lengths around those of vectors and of the chunks that threads share; values of all finite bits, also the smallest.</summary>
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
        var updates = Enumerable.Range(0, 19).Select(_ => (
            Samples: 1 + (int)(random.NextDouble() * 10_000),
            Weights: Enumerable.Range(0, length).Select(_ => Finite(random.NextDouble(), random.NextDouble())).ToArray())).ToArray();

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

        Assert.All([1, 2, 5, 8, 9, 16, 19], group => Assert.Equal(expected, AggregateInGroups(group, updates)));

        static float Finite(double sign, double magnitude) =>
            BitConverter.UInt32BitsToSingle((uint)(magnitude * 0x7F80_0000) | (sign < 0.5 ? 0x8000_0000 : 0));
    }

    /// <summary>
    /// 98ths of these sums lie in the middle between two float32, and the even one is farther from zero; a product with the rounded
    /// 1/98 is one double below. 17 values: vectors and a rest.
    /// </summary>
    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public void A_mean_in_the_middle_between_two_values_becomes_the_even_one(int sign)
    {
        var (upper, lower) = (sign * MathF.BitDecrement(MathF.BitDecrement(2)), sign * MathF.BitDecrement(MathF.BitDecrement(MathF.BitDecrement(2))));

        Assert.Equal(Enumerable.Repeat(upper, 17), Aggregate((49, [.. Enumerable.Repeat(lower, 17)]), (49, [.. Enumerable.Repeat(upper, 17)])));
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
        using var mean = new WeightedMean();
        var result = new byte[8];
        mean.Add((WeightBytes.From([9, 9, 9]), 1));
        mean.MoveTo(new byte[12]);

        mean.Add((WeightBytes.From([1, 2]), Rule.Coefficient(1)));
        mean.Add((WeightBytes.From([3, 6]), Rule.Coefficient(1)));
        mean.MoveTo(result);

        Assert.Equal([2, 4], WeightBytes.ToFloats(result));
    }

    [Fact]
    public void An_update_of_another_length_is_refused()
    {
        using var mean = new WeightedMean();
        mean.Add((WeightBytes.From([1, 2]), 1));

        Assert.Throws<ArgumentException>(() => mean.Add((WeightBytes.From([1]), 1)));
        Assert.Throws<ArgumentException>(() => mean.Add((WeightBytes.From([1, 2, 3]), 1)));
        Assert.Throws<ArgumentException>(() => mean.Add((WeightBytes.From([1, 2]), 0)));
        Assert.Throws<ArgumentException>(() => mean.MoveTo(new byte[4]));
        Assert.Throws<ArgumentException>(() => mean.MoveTo(new byte[4], (WeightBytes.From([5, 6]), 1)));

        // What was refused has left nothing behind.
        var result = new byte[8];
        mean.MoveTo(result, (WeightBytes.From([3, 4]), 1));
        Assert.Equal([2, 3], WeightBytes.ToFloats(result));
        Assert.Throws<ArgumentException>(() => mean.MoveTo(result));
    }

    private protected float[] Aggregate(params (int Samples, float[] Weights)[] updates) => AggregateInGroups(1, updates);

    private float[] AggregateInGroups(int group, (int Samples, float[] Weights)[] updates)
    {
        using var mean = new WeightedMean();
        var result = new byte[updates[0].Weights.Length * sizeof(float)];
        var groups = updates.Select(u => (WeightBytes.AsBytes(u.Weights), Rule.Coefficient(u.Samples))).Chunk(group).ToList();
        foreach (var some in groups.SkipLast(1))
            mean.Add(some);
        mean.MoveTo(result, groups[^1]);
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
