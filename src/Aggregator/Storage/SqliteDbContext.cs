using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace FedQueue.Aggregator.Storage;

/// <summary>One file, one aggregator.</summary>
internal sealed class SqliteDbContext(DbContextOptions<SqliteDbContext> options, StorageState state) : FedQueueDbContext(options, state)
{
    private readonly StorageState state = state;

    private SqliteConnection Connection => (SqliteConnection)Database.GetDbConnection();

    public override string Place => $"The database {Database.GetDbConnection().DataSource}";

    // The file is locked for one process; see StorageLock.
    public override Task<IAsyncDisposable?> TakeOutbox(CancellationToken cancellationToken) =>
        Task.FromResult<IAsyncDisposable?>(Nothing.Instance);

    public override Task UntilDurable(CancellationToken cancellationToken) =>
        state.Flush.Flush(Database.GetDbConnection().DataSource, cancellationToken);

    protected override async Task InsertPart(PartKey key, ReadOnlyMemory<byte> weights, CancellationToken cancellationToken)
    {
        await using var command = CommandFor(key,
            $"""
            INSERT INTO "{key.Table}" ({key.Names}, "Weights") VALUES ({key.Parameters}, zeroblob({weights.Length}));
            SELECT last_insert_rowid();
            """);
        await using var blob = new SqliteBlob(Connection, key.Table, "Weights", (long)(await command.ExecuteScalarAsync(cancellationToken))!);
        blob.Write(weights.Span);
    }

    protected override async Task<PooledBytes?> ReadPart(PartKey key, CancellationToken cancellationToken)
    {
        // While the query is under way, nobody changes what it sees.
        await using var command = CommandFor(key, $"SELECT rowid FROM \"{key.Table}\" WHERE {key.Condition}");
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        if (!await row.ReadAsync(cancellationToken))
            return null;

        await using var blob = new SqliteBlob(Connection, key.Table, "Weights", row.GetInt64(0), readOnly: true);
        var part = new PooledBytes((int)blob.Length);
        blob.ReadExactly(part.Memory.Span);
        return part;
    }

    // SQLite's transactions begin with the writer's lock.
    protected override Task WaitForOtherWriters(CancellationToken cancellationToken) => Task.CompletedTask;

    protected override async Task<IDisposable?> TakeTurn(CancellationToken cancellationToken)
    {
        await state.Checkpoints.Room(cancellationToken);
        await state.Flush.Writing.WaitAsync(cancellationToken);
        try
        {
            // Open beyond the commit, so that it can be asked how much that wrote.
            await Database.OpenConnectionAsync(cancellationToken);
        }
        catch
        {
            state.Flush.Writing.Release();
            throw;
        }

        return new Turn(this);
    }

    protected override void Written()
    {
        state.Flush.Written();
        state.Checkpoints.Written(Connection, Place);
    }

    protected override void ConfigureConventions(ModelConfigurationBuilder configuration)
    {
        base.ConfigureConventions(configuration);

        // PostgreSQL has arrays.
        configuration.Properties<List<string>>().HaveConversion<NamesAsJson>();
    }

    private sealed class Turn(SqliteDbContext db) : IDisposable
    {
        public void Dispose()
        {
            db.Database.CloseConnection();
            db.state.Flush.Writing.Release();
        }
    }

    private sealed class Nothing : IAsyncDisposable
    {
        public static readonly Nothing Instance = new();

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
