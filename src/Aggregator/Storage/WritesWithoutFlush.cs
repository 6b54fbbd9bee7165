using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace FedQueue.Aggregator.Storage;

/// <summary>Leaves the flush of SQLite's commits to <see cref="SharedFlush"/>. The setting belongs to the connection.</summary>
internal sealed class WritesWithoutFlush : DbConnectionInterceptor
{
    private const string Setting = "PRAGMA synchronous = NORMAL";

    public override void ConnectionOpened(DbConnection connection, ConnectionEndEventData eventData)
    {
        using var command = connection.CreateCommand();
        command.CommandText = Setting;
        command.ExecuteNonQuery();
    }

    public override async Task ConnectionOpenedAsync(
        DbConnection connection, ConnectionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = Setting;
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
