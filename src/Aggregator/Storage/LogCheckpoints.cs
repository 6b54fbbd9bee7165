using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace FedQueue.Aggregator.Storage;

/// <summary>
/// Copies SQLite's log into the database beside the transactions. SQLite itself would do it at the end of a commit, while all others wait,
/// for up to a third of the time in which large weights arrive.
/// </summary>
internal sealed class LogCheckpoints(SharedFlush flush, ILogger<LogCheckpoints> log) : IDisposable
{
    /// <summary>KiB written since the last copy began.</summary>
    private const int CopyAfter = 8_000;

    /// <summary>
    /// KiB in the log above which the last of them are copied between two transactions, so that it begins anew. While others write there
    /// are always some that are not copied yet. A short log stays in the processor's cache until it is copied.
    /// </summary>
    private const int LongestLog = 12_800;

    /// <summary>KiB written while others are copied, above which writers wait for the copy. On a busy machine they can be faster.</summary>
    private const int MostAhead = 24_000;

    private volatile int written;
    private int pageKibibytes;
    private Task copying = Task.CompletedTask;

    /// <summary>Returns when the log is short enough for another transaction; to be awaited without <see cref="SharedFlush.Writing"/>, which the copy may need.</summary>
    public async Task Room(CancellationToken cancellationToken)
    {
        // Whatever became of the copy: what is committed is safe in the log.
        if (written >= MostAhead)
            await copying.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>To be called after a commit, while <see cref="SharedFlush.Writing"/> is held.</summary>
    /// <param name="connection">What was written by.</param>
    /// <param name="place">The database in a sentence.</param>
    public void Written(SqliteConnection connection, string place)
    {
        raw.sqlite3_db_status(connection.Handle, raw.SQLITE_DBSTATUS_CACHE_WRITE, out var pages, out _, resetFlg: 1);
        if (pageKibibytes == 0)
            pageKibibytes = PageKibibytesOf(connection);
        written += pages * pageKibibytes;

        // In memory, as the simulation has it, there is no log.
        if (written < CopyAfter || !copying.IsCompleted || connection.DataSource.Length == 0)
            return;
        written = 0;
        var database = connection.ConnectionString;
        copying = Task.Run(() => Copy(database, place));
    }

    public void Dispose() => copying.Wait();

    private async Task Copy(string database, string place)
    {
        try
        {
            await using var connection = new SqliteConnection(database);
            await connection.OpenAsync();
            if (Copy(connection) * pageKibibytes <= LongestLog)
                return;

            await flush.Writing.WaitAsync();
            try
            {
                Copy(connection);
            }
            finally
            {
                flush.Writing.Release();
            }
        }
        catch (SqliteException exception)
        {
            log.LogNotCopied(place, exception.Message.TrimEnd('.'));
        }
    }

    private static int PageKibibytesOf(SqliteConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA page_size;";
        return (int)((long)command.ExecuteScalar()! >> 10);
    }

    /// <returns>Pages in the log, copied or not.</returns>
    private static int Copy(SqliteConnection connection)
    {
        var result = raw.sqlite3_wal_checkpoint_v2(connection.Handle, null, raw.SQLITE_CHECKPOINT_PASSIVE, out var pages, out _);

        // Another program copies it.
        if (result == raw.SQLITE_BUSY)
            return 0;
        SqliteException.ThrowExceptionForRC(result, connection.Handle);
        return pages;
    }
}
