using FedQueue.Aggregator.Storage;
using FedQueue.Contracts;
using Microsoft.EntityFrameworkCore;
using static FedQueue.Aggregator.Tests.Answers;

namespace FedQueue.Aggregator.Tests.Storage;

public sealed class OutboxTests
{
    [Fact]
    public async Task Messages_that_a_crash_left_behind_are_published_after_the_restart_in_order_under_their_ids()
    {
        var folder = Directory.CreateTempSubdirectory("fedqueue-").FullName;
        await using (await AggregatorHost.Start(folder))
        {
        }

        List<Guid> ids;
        await using (var crashed = new FileDatabase(folder))
        {
            await crashed.Db.Transact(() =>
            {
                crashed.Db.Publish(new RunFailed { RunId = "run", Reason = "first" });
                crashed.Db.Publish(new RunFailed { RunId = "run", Reason = "second" });
                crashed.Db.Publish(new RunFailed { RunId = "run", Reason = "third" });
                return Task.CompletedTask;
            }, CancellationToken.None);
            ids = await crashed.Db.Outbox.OrderBy(row => row.Id).Select(row => row.MessageId).ToListAsync();
        }

        await using (var restarted = await AggregatorHost.Start(folder))
        {
            await restarted.Heard.Next<RunFailed>(failed => failed.Reason == "third");
            Assert.Equal(["first", "second", "third"], restarted.Heard.All<RunFailed>().Select(failed => failed.Reason));
            Assert.Equal(ids, restarted.Heard.Ids);
            await restarted.Until(async db => await db.Outbox.AnyAsync() ? null : "empty", "the outbox is empty");
        }

        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void History_and_messages_that_no_transaction_would_write_are_refused()
    {
        using var db = new SqliteDesignTime().CreateDbContext([]);

        Assert.Throws<InvalidOperationException>(() => db.Publish(new RunFailed { RunId = "run", Reason = "lost" }));
        Assert.Throws<InvalidOperationException>(() => db.Note("run", 1, EventKind.Submitted, "a", "lost"));
    }

    [Fact]
    public async Task What_a_failing_change_wrote_is_gone_with_its_messages()
    {
        await using var aggregator = await AggregatorHost.Start();
        await aggregator.Read(async db =>
        {
            await Assert.ThrowsAsync<TimeoutException>(() => db.Transact(async () =>
            {
                db.Participants.Add(new ParticipantRow { Name = "a" });
                db.Publish(new RunFailed { RunId = "run", Reason = "never" });
                await db.SaveChangesAsync();
                throw new TimeoutException();
            }, CancellationToken.None));
            return 0;
        });

        Assert.False(await aggregator.Read(db => db.Participants.AnyAsync()));
        Assert.False(await aggregator.Read(db => db.Outbox.AnyAsync()));
    }

    [Fact]
    public async Task A_change_that_failed_can_be_tried_again_with_the_same_context()
    {
        await using var aggregator = await AggregatorHost.Start();
        var tries = 0;
        await aggregator.Read(async db =>
        {
            await Assert.ThrowsAsync<TimeoutException>(Join);
            await Join();
            return 0;

            Task Join() => db.Transact(async () =>
            {
                db.Participants.Add(new ParticipantRow { Name = "a" });
                await db.SaveChangesAsync();
                if (++tries == 1)
                    throw new TimeoutException();
            }, CancellationToken.None);
        });

        Assert.Equal(1, await aggregator.Read(db => db.Participants.CountAsync()));
    }

    [Fact]
    public async Task A_restart_inside_a_round_keeps_what_was_submitted()
    {
        var folder = Directory.CreateTempSubdirectory("fedqueue-").FullName;
        await using (var before = await AggregatorHost.Start(folder))
        {
            await before.StartRun(Plan());
            await before.Join("a", "b", "c");
            var round = await before.UntilOpen(1);
            await before.Bus.Publish(Weights(round, "a", 1));
            await before.Bus.Publish(Weights(round, "b", 2));
            await before.UntilNoted("submitted", "b");
        }

        await using (var after = await AggregatorHost.Start(folder))
        {
            var round = await after.UntilOpen(1);
            Assert.Equal(["a", "b"], round.Submitted.Order());
            await after.Bus.Publish(Weights(round, "c", 6));
            Assert.Equal(["a", "b", "c"], (await after.Heard.Next<RoundCompleted>()).Contributors);
            var model = await after.Read(db => db.Models.SingleAsync(m => m.Round == 1));
            Assert.All(WeightBytes.ToFloats(model.Weights), weight => Assert.Equal(3, weight));
        }

        Directory.Delete(folder, recursive: true);
    }
}
