using System.Security.Cryptography;
using FedQueue.Aggregator.Storage;

namespace FedQueue.Aggregator.Tests.Storage;

public sealed class RunningHashesTests
{
    private static readonly RunningHashes.Whole Whole = new("run", 1, "a", "announced");

    private readonly RunningHashes hashes = new();

    [Fact]
    public void Parts_in_order_give_the_hash_of_the_whole_once()
    {
        Add(1, 2, 3);

        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData([1, 1, 2, 2, 3, 3])), hashes.Take(Whole, 3));
        Assert.Null(hashes.Take(Whole, 3));
    }

    [Fact]
    public void A_first_part_begins_anew()
    {
        Add(1, 2, 1, 2);

        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData([1, 1, 2, 2])), hashes.Take(Whole, 2));
    }

    [Theory]
    [InlineData(2, 3)]
    [InlineData(1, 3)]
    [InlineData(1, 3, 2)]
    [InlineData(1, 2, 2, 3)]
    [InlineData(1, 2)]
    [InlineData(1, 2, 3, 4)]
    public void Without_every_part_in_order_there_is_none(params int[] parts)
    {
        Add(parts);

        Assert.Null(hashes.Take(Whole, 3));
    }

    [Fact]
    public void Those_of_a_closed_round_are_forgotten_and_no_others()
    {
        var next = Whole with { Round = 2 };
        Add(1);
        hashes.Add(next, 1, [1]);

        hashes.Forget("run", 1);

        Assert.Null(hashes.Take(Whole, 1));
        Assert.NotNull(hashes.Take(next, 1));
    }

    [Fact]
    public async Task What_an_undone_transaction_has_stored_does_not_count()
    {
        await using var aggregator = await AggregatorHost.Start();

        await Assert.ThrowsAsync<InvalidTimeZoneException>(() => aggregator.Read<object>(async db =>
        {
            await db.Transact(
                () =>
                {
                    db.Hashes.Add(Whole, 1, [1]);
                    throw new InvalidTimeZoneException("On purpose.");
                },
                CancellationToken.None);
            return db;
        }));

        Assert.Null(await aggregator.Read(db => Task.FromResult(db.Hashes.Take(Whole, 1))));
    }

    private void Add(params int[] parts)
    {
        foreach (var part in parts)
            hashes.Add(Whole, part, [(byte)part, (byte)part]);
    }
}
