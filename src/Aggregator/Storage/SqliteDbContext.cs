using Microsoft.EntityFrameworkCore;

namespace FedQueue.Aggregator.Storage;

/// <summary>One file, one aggregator.</summary>
internal sealed class SqliteDbContext(DbContextOptions<SqliteDbContext> options, StorageState state) : FedQueueDbContext(options, state)
{
    private readonly StorageState state = state;

    public override string Place => $"The database {Database.GetDbConnection().DataSource}";

    // The file is locked for one process; see StorageLock.
    public override Task<IAsyncDisposable?> TakeOutbox(CancellationToken cancellationToken) =>
        Task.FromResult<IAsyncDisposable?>(Nothing.Instance);

    public override Task UntilDurable(CancellationToken cancellationToken) =>
        state.Flush.Flush(Database.GetDbConnection().DataSource, cancellationToken);

    // SQLite's transactions begin with the writer's lock.
    protected override Task WaitForOtherWriters(CancellationToken cancellationToken) => Task.CompletedTask;

    protected override async Task<IDisposable?> TakeTurn(CancellationToken cancellationToken)
    {
        await state.Flush.Writing.WaitAsync(cancellationToken);
        return new Turn(state.Flush);
    }

    protected override void Written() => state.Flush.Written();

    protected override void ConfigureConventions(ModelConfigurationBuilder configuration)
    {
        base.ConfigureConventions(configuration);

        // PostgreSQL has arrays.
        configuration.Properties<List<string>>().HaveConversion<NamesAsJson>();
    }

    private sealed class Turn(SharedFlush flush) : IDisposable
    {
        public void Dispose() => flush.Writing.Release();
    }

    private sealed class Nothing : IAsyncDisposable
    {
        public static readonly Nothing Instance = new();

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
