using System.Data;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace FedQueue.Aggregator.Storage;

/// <summary>One server, any number of aggregators.</summary>
internal sealed class PostgresDbContext(DbContextOptions<PostgresDbContext> options, StorageState state) : FedQueueDbContext(options, state)
{
    // Keys of advisory locks, which belong to the database; the first half is FedQueue's mark: "FedQ".
    private const long WriterLock = 0x4665645100000001;
    private const long OutboxLock = 0x4665645100000002;
    private const long SchemaLock = 0x4665645100000003;

    public override string Place => $"The database {Database.GetDbConnection().Database} on {Database.GetDbConnection().DataSource}";

    public override async Task<ClockReading> ReadClock(CancellationToken cancellationToken) =>
        new(await Database.SqlQuery<DateTimeOffset>($"SELECT clock_timestamp() AS \"Value\"").SingleAsync(cancellationToken), Machine.GetTimestamp());

    public override async Task<IAsyncDisposable?> TakeOutbox(CancellationToken cancellationToken)
    {
        // The lock belongs to the connection, so a process that dies gives it back.
        await Database.OpenConnectionAsync(cancellationToken);
        var taken = false;
        try
        {
            taken = await Database.SqlQuery<bool>($"SELECT pg_try_advisory_lock({OutboxLock}) AS \"Value\"").SingleAsync(cancellationToken);
            return taken ? new Turn(this) : null;
        }
        finally
        {
            if (!taken)
                await Database.CloseConnectionAsync();
        }
    }

    /// <summary>EF's own lock is a table that two starts on an empty database both make, and then both add the same columns.</summary>
    public override async Task InTurnWithOtherStarts(Func<Task> migrate)
    {
        // The lock belongs to the connection, so a process that dies gives it back.
        await Database.OpenConnectionAsync();
        try
        {
            await Database.ExecuteSqlAsync($"SELECT pg_advisory_lock({SchemaLock})");
            await migrate();
            await Database.ExecuteSqlAsync($"SELECT pg_advisory_unlock({SchemaLock})");
        }
        finally
        {
            await Database.CloseConnectionAsync();
        }
    }

    protected override async Task InsertPart(PartKey key, ReadOnlyMemory<byte> weights, CancellationToken cancellationToken)
    {
        await using var command = CommandFor(key, $"INSERT INTO \"{key.Table}\" ({key.Names}, \"Weights\") VALUES ({key.Parameters}, @weights)");
        command.Parameters.Add(new NpgsqlParameter<ReadOnlyMemory<byte>>("weights", weights));
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    protected override async Task<PooledBytes?> ReadPart(PartKey key, CancellationToken cancellationToken)
    {
        await using var command = CommandFor(key, $"SELECT length(\"Weights\"), \"Weights\" FROM \"{key.Table}\" WHERE {key.Condition}");
        await using var row = await command.ExecuteReaderAsync(CommandBehavior.SequentialAccess, cancellationToken);
        if (!await row.ReadAsync(cancellationToken))
            return null;

        var part = new PooledBytes(row.GetInt32(0));
        await using var stream = row.GetStream(1);
        await stream.ReadExactlyAsync(part.Memory, cancellationToken);
        return part;
    }

    protected override Task WaitForOtherWriters(CancellationToken cancellationToken) =>
        Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock({WriterLock})", cancellationToken);

    /// <summary>The user's connection string, with limits on every wait where the user set none.</summary>
    public static string WithLimits(string connection)
    {
        var builder = new NpgsqlConnectionStringBuilder(connection);
        if (!builder.ContainsKey("Timeout"))
            builder.Timeout = 5;
        if (!builder.ContainsKey("Keepalive"))
            builder.KeepAlive = 10;

        // Otherwise a library for Kerberos is looked for at the first connection, and a line says that the image has none.
        if (!builder.ContainsKey("GSS Encryption Mode"))
            builder.GssEncryptionMode = GssEncryptionMode.Disable;

        // Should this machine vanish in the midst of a transaction, the others wait no longer than this for its lock.
        if (!builder.ContainsKey("Options"))
            builder.Options = "-c idle_in_transaction_session_timeout=20s -c lock_timeout=30s -c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=2";
        return builder.ConnectionString;
    }

    private sealed class Turn(PostgresDbContext db) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            try
            {
                await db.Database.ExecuteSqlAsync($"SELECT pg_advisory_unlock({OutboxLock})");
            }
            catch (Exception exception) when (StorageOutage.IsStorageProblem(exception))
            {
                // The connection is gone, and with it the lock.
            }
            finally
            {
                await db.Database.CloseConnectionAsync();
            }
        }
    }
}
