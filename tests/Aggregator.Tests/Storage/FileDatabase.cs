using FedQueue.Aggregator.Storage;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace FedQueue.Aggregator.Tests.Storage;

/// <summary>An aggregator's database without the aggregator.</summary>
internal sealed class FileDatabase : IAsyncDisposable
{
    private readonly OutboxSignal signal = new();

    public FileDatabase(string folder)
    {
        var options = new DbContextOptionsBuilder<FedQueueDbContext>().UseSqlite($"Data Source={Path.Combine(folder, "fedqueue.db")}").Options;
        Db = new FedQueueDbContext(options, signal, TimeProvider.System);
    }

    public FedQueueDbContext Db { get; }

    public async ValueTask DisposeAsync()
    {
        await Db.DisposeAsync();
        signal.Dispose();
        SqliteConnection.ClearAllPools();
    }
}
