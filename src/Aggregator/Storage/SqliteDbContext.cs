using Microsoft.EntityFrameworkCore;

namespace FedQueue.Aggregator.Storage;

/// <summary>One file, one aggregator.</summary>
internal sealed class SqliteDbContext(DbContextOptions<SqliteDbContext> options, StorageState state) : FedQueueDbContext(options, state)
{
    public override string Place => $"The database {Database.GetDbConnection().DataSource}";

    // The file is locked for one process; see StorageLock.
    public override Task<IAsyncDisposable?> TakeOutbox(CancellationToken cancellationToken) =>
        Task.FromResult<IAsyncDisposable?>(Nothing.Instance);

    // SQLite's transactions begin with the writer's lock.
    protected override Task WaitForOtherWriters(CancellationToken cancellationToken) => Task.CompletedTask;

    private sealed class Nothing : IAsyncDisposable
    {
        public static readonly Nothing Instance = new();

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
