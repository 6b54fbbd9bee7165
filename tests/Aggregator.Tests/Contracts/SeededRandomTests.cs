using FedQueue.Contracts;

namespace FedQueue.Aggregator.Tests.Contracts;

public sealed class SeededRandomTests
{
    /// <summary>First outputs of the authors' reference implementation for seed 1234567 (splitmix64.c, Vigna 2015).</summary>
    [Fact]
    public void Bits_are_those_of_SplitMix64()
    {
        var random = new SeededRandom(1234567);
        ulong[] expected = [6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431, 16408922859458223821];
        Assert.Equal(expected, Enumerable.Range(0, 5).Select(_ => random.NextBits()));
    }

    [Fact]
    public void Purposes_have_streams_of_their_own()
    {
        Assert.Equal(SeededRandom.For(7, "shuffle/1/a").NextBits(), SeededRandom.For(7, "shuffle/1/a").NextBits());
        Assert.NotEqual(SeededRandom.For(7, "shuffle/1/a").NextBits(), SeededRandom.For(7, "shuffle/1/b").NextBits());
        Assert.NotEqual(SeededRandom.For(7, "shuffle/1/a").NextBits(), SeededRandom.For(8, "shuffle/1/a").NextBits());
    }

    [Fact]
    public void A_shuffle_keeps_every_element_and_moves_them_evenly()
    {
        var random = new SeededRandom(1);
        var counts = new int[5, 5];
        for (var i = 0; i < 5_000; i++)
        {
            int[] values = [0, 1, 2, 3, 4];
            random.Shuffle(values);
            Assert.Equal([0, 1, 2, 3, 4], values.Order());
            for (var place = 0; place < 5; place++)
                counts[place, values[place]]++;
        }

        foreach (var count in counts)
            Assert.InRange(count, 850, 1150);
    }

    [Fact]
    public void Normal_numbers_have_mean_0_and_deviation_1()
    {
        var random = new SeededRandom(1);
        var values = Enumerable.Range(0, 20_000).Select(_ => random.NextNormal()).ToArray();
        Assert.Equal(0, values.Average(), 0.03);
        Assert.Equal(1, Math.Sqrt(values.Average(value => value * value)), 0.03);
    }
}
