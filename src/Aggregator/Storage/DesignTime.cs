using System.Diagnostics.Metrics;
using FedQueue.Aggregator.Participants;
using FedQueue.Aggregator.Rounds;
using FedQueue.Contracts;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace FedQueue.Aggregator.Storage;

/// <summary>For <c>dotnet ef migrations add NAME --context …</c> and eng/model.sh, which need the model and no database.</summary>
internal sealed class SqliteDesignTime : IDesignTimeDbContextFactory<SqliteDbContext>
{
    public SqliteDbContext CreateDbContext(string[] args) =>
        new(new DbContextOptionsBuilder<SqliteDbContext>().UseSqlite().Options, DesignTimeState.Create());
}

internal sealed class PostgresDesignTime : IDesignTimeDbContextFactory<PostgresDbContext>
{
    public PostgresDbContext CreateDbContext(string[] args) =>
        new(new DbContextOptionsBuilder<PostgresDbContext>().UseNpgsql().Options, DesignTimeState.Create());
}

internal static class DesignTimeState
{
    public static StorageState Create()
    {
        var flush = new SharedFlush();
        var clock = new FederationClock(TimeProvider.System);
        var leases = new Leases(Options.Create(new ParticipantOptions()), clock);
        return new StorageState(
            new OutboxSignal(), leases, new StorageOutage(leases, clock, NullLogger<StorageOutage>.Instance), flush,
            new LogCheckpoints(flush, NullLogger<LogCheckpoints>.Instance), clock,
            new RoundMetrics(new ServiceCollection().AddMetrics().BuildServiceProvider().GetRequiredService<IMeterFactory>()),
            AggregatorIdentity.New(), new BrokerLink(clock, NullLogger<BrokerLink>.Instance), new ConfigurationBuilder().Build());
    }
}
