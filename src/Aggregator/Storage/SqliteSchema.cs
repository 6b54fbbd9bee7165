using Microsoft.Data.Sqlite;

namespace FedQueue.Aggregator.Storage;

/// <summary>
/// What is done to a file without Entity Framework, which is a tenth of a second sooner. A new file gets its tables by the statements of all
/// migrations in one transaction; a test says so when they differ.
/// </summary>
internal static class SqliteSchema
{
    /// <summary>Opens or makes a file, and makes the tables of one that has none.</summary>
    /// <param name="path">Its folder is there.</param>
    /// <param name="pageKibibytes">Of a new file.</param>
    /// <returns>Whether the file is new, and so has the schema of this program.</returns>
    public static async Task<bool> Prepare(string path, int pageKibibytes)
    {
        await using var connection = new SqliteConnection($"Data Source={path}");
        await connection.OpenAsync();
        await Execute(SqliteConnectionSettings.Settings);

        // Readers then do not wait for the writer, and a commit need not be flushed to leave the file whole (see SharedFlush).
        await Execute($"PRAGMA page_size = {pageKibibytes << 10}; PRAGMA journal_mode = WAL;");

        // EF's lock on an SQLite file is a committed row, for which the next start would wait without end when this one is killed in
        // the midst of a migration (dotnet/efcore#38958). The file's own lock is held already, so nobody else migrates.
        await Execute("DROP TABLE IF EXISTS \"__EFMigrationsLock\";");

        await using var count = connection.CreateCommand();
        count.CommandText = "SELECT COUNT(*) FROM sqlite_master;";
        if ((long)(await count.ExecuteScalarAsync())! > 0)
            return false;

        await using var transaction = await connection.BeginTransactionAsync();
        await Execute(await OfAllMigrations());
        await transaction.CommitAsync();
        return true;

        async Task Execute(string sql)
        {
            await using var command = connection.CreateCommand();
            command.CommandText = sql;
            await command.ExecuteNonQueryAsync();
        }
    }

    /// <returns>What eng/model.sh wrote.</returns>
    public static async Task<string> OfAllMigrations()
    {
        await using var resource = typeof(SqliteSchema).Assembly.GetManifestResourceStream("Schema.sql")!;
        using var reader = new StreamReader(resource);
        return await reader.ReadToEndAsync();
    }
}
