using System.Data.Common;
using FedQueue.Aggregator.Storage;
using FedQueue.Contracts;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using static FedQueue.Aggregator.Tests.Answers;

namespace FedQueue.Aggregator.Tests.Storage;

public sealed class FullDiskTests
{
    /// <summary>SQLite itself says SQLITE_FULL when a file may not grow beyond its page limit.</summary>
    [Fact]
    public async Task On_a_full_disk_nothing_is_acknowledged_that_is_not_stored_and_the_run_goes_on_when_there_is_room()
    {
        var disk = new Disk();
        await using var aggregator = await AggregatorHost.Start(register: services =>
            services.ConfigureDbContext<SqliteDbContext>(db => db.AddInterceptors(disk)));
        await aggregator.StartRun(Plan());
        await aggregator.Join("a", "b", "c");
        var round = await aggregator.UntilOpen(1);
        disk.IsFull = true;

        foreach (var participant in round.Participants)
            await aggregator.Bus.Publish(Weights(round, participant, 2));
        await AggregatorHost.Until(() => Task.FromResult(disk.Refused > 3 ? "full" : null), "several commits were refused");

        Assert.Empty((await aggregator.UntilOpen(1)).Submitted);
        Assert.Contains(aggregator.Logged, line => line.Contains("database or disk is full", StringComparison.Ordinal) && line.Contains(aggregator.Folder, StringComparison.Ordinal));
        disk.IsFull = false;

        var completed = await aggregator.Heard.Next<RoundCompleted>();
        Assert.Equal(["a", "b", "c"], completed.Contributors);
        Assert.Equal("ok", await aggregator.Read(db => db.Database.SqlQuery<string>($"SELECT integrity_check AS Value FROM pragma_integrity_check").SingleAsync()));
    }

    private sealed class Disk : DbTransactionInterceptor
    {
        private int refused;

        public volatile bool IsFull;

        public int Refused => refused;

        public override async ValueTask<InterceptionResult> TransactionCommittingAsync(
            DbTransaction transaction, TransactionEventData eventData, InterceptionResult result, CancellationToken cancellationToken = default)
        {
            await using var command = transaction.Connection!.CreateCommand();
            command.Transaction = transaction;
            command.CommandText = $"PRAGMA max_page_count = {(IsFull ? 1 : 1_000_000)}";
            await command.ExecuteScalarAsync(cancellationToken);
            if (!IsFull)
                return result;

            try
            {
                // The file has a free page or two; what is to be committed needs more.
                command.CommandText = "CREATE TABLE IF NOT EXISTS Filler (Bytes); INSERT INTO Filler VALUES (randomblob(1000000))";
                await command.ExecuteNonQueryAsync(cancellationToken);
                return result;
            }
            catch (DbException)
            {
                Interlocked.Increment(ref refused);
                throw;
            }
        }
    }
}
