using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace FedQueue.Aggregator.Storage;

/// <summary>
/// Leaves the flush of SQLite's commits to <see cref="SharedFlush"/> and the copying of its log to <see cref="LogCheckpoints"/>, and keeps its cache
/// small. The settings belong to the connection.
/// </summary>
internal sealed class SqliteConnectionSettings : DbConnectionInterceptor
{
    /// <summary>Every connection of the pool has a cache of its own, which parts of weights fill but never use again: so many KiB are enough.</summary>
    private const int CacheKibibytes = 500;

    /// <summary>
    /// A part of weights of the default length and more: SQLite makes room of zeros for it first, which would go into the log and be read from there again before the part
    /// itself does. Beyond the cache's own size it is given back after the commit.
    /// </summary>
    private const int HeldUntilFilledKibibytes = 2_500;

    public static readonly string Settings =
        $"PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 0; PRAGMA cache_size = -{CacheKibibytes}; PRAGMA cache_spill = -{HeldUntilFilledKibibytes};";

    public override void ConnectionOpened(DbConnection connection, ConnectionEndEventData eventData)
    {
        using var command = connection.CreateCommand();
        command.CommandText = Settings;
        command.ExecuteNonQuery();
    }

    public override async Task ConnectionOpenedAsync(
        DbConnection connection, ConnectionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = Settings;
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
