using FedQueue.Aggregator.Storage;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace FedQueue.Aggregator.Tests.Storage;

/// <summary>An aggregator's database without the aggregator.</summary>
internal sealed class FileDatabase : IAsyncDisposable
{
    public FileDatabase(string folder)
    {
        var options = new DbContextOptionsBuilder<SqliteDbContext>().UseSqlite($"Data Source={Path.Combine(folder, "fedqueue.db")}").Options;
        Db = new SqliteDbContext(options, DesignTimeState.Create());
    }

    public FedQueueDbContext Db { get; }

    public async ValueTask DisposeAsync()
    {
        await Db.DisposeAsync();
        SqliteConnection.ClearAllPools();
    }
}
