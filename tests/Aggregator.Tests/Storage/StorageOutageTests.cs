using FedQueue.Aggregator.Storage;
using FedQueue.Contracts;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using static FedQueue.Aggregator.Tests.Answers;

namespace FedQueue.Aggregator.Tests.Storage;

public sealed class StorageOutageTests
{
    [Theory]
    [InlineData("08006", true)] // connection failure
    [InlineData("53100", true)] // disk full
    [InlineData("57P01", true)] // shut down by the administrator
    [InlineData("40001", true)] // rolled back for the sake of another
    [InlineData("54000", false)] // a value that is too long
    [InlineData("23505", false)] // there already
    [InlineData("22001", false)] // too long for its column
    [InlineData("42703", false)] // no such column
    public void Only_what_passes_is_an_outage_of_PostgreSQL(string state, bool isOutage) =>
        Assert.Equal(isOutage, StorageOutage.IsStorageProblem(new PostgresException("it failed", "ERROR", "ERROR", state)));

    [Theory]
    [InlineData(5, true)] // busy
    [InlineData(10, true)] // input and output
    [InlineData(13, true)] // full
    [InlineData(1, false)] // an error of the query
    [InlineData(18, false)] // too big
    [InlineData(19, false)] // a constraint
    public void Only_what_passes_is_an_outage_of_SQLite(int code, bool isOutage) =>
        Assert.Equal(isOutage, StorageOutage.IsStorageProblem(new DbUpdateException("it failed", new SqliteException("it failed", code))));

    [Fact]
    public async Task A_message_that_fails_while_others_are_stored_goes_aside_with_its_reason()
    {
        await using var aggregator = await AggregatorHost.Start(
            register: services => services.ConfigureDbContext<SqliteDbContext>(db => db.AddInterceptors(new FailsFor("a"))));
        await aggregator.StartRun(Plan(participants: 2));
        await aggregator.Join("a", "b");
        var round = await aggregator.UntilOpen(1);
        await aggregator.Bus.Publish(Weights(round, "a", 1));

        await AggregatorHost.Until(async () =>
        {
            await aggregator.Renew("worker-of-b", "b");
            return aggregator.Logged.FirstOrDefault(line =>
                line.Contains("A WeightsSubmitted from ", StringComparison.Ordinal) && line.Contains(" others were stored: database is locked", StringComparison.Ordinal));
        }, "the message is given up");

        await aggregator.Bus.Publish(Weights(round, "b", 1));
        await aggregator.UntilNoted(EventKind.Submitted, "b");
    }

    /// <summary>A database that is busy whenever the submission of one participant is to be stored.</summary>
    private sealed class FailsFor(string participant) : SaveChangesInterceptor
    {
        public override ValueTask<InterceptionResult<int>> SavingChangesAsync(
            DbContextEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default) =>
            eventData.Context!.ChangeTracker.Entries<SubmissionRow>().Any(entry => entry.Entity.Participant == participant)
                ? throw new SqliteException("database is locked", 5)
                : new(result);
    }
}
