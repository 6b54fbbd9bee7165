using FedQueue.Aggregator.Participants;
using FedQueue.Aggregator.Storage;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace FedQueue.Aggregator.Tests.Storage;

public sealed class SqliteConnectionSettingsTests
{
    private const int PageLength = 64 * 1024;

    /// <summary>Beside the part's own pages, a few for the table.</summary>
    [Fact]
    public async Task A_part_of_weights_is_written_once()
    {
        var folder = Directory.CreateTempSubdirectory("fedqueue-").FullName;
        await using (var connection = new SqliteConnection($"Data Source={Path.Combine(folder, "test.db")};Pooling=False"))
        {
            await connection.OpenAsync();
            await Execute($"PRAGMA page_size = {PageLength}; PRAGMA journal_mode = WAL; CREATE TABLE Parts (Weights BLOB);");
            await Execute(SqliteConnectionSettings.Settings);
            raw.sqlite3_db_status(connection.Handle, raw.SQLITE_DBSTATUS_CACHE_WRITE, out _, out _, resetFlg: 1);

            var part = new byte[new ParticipantOptions().PartLength];
            await using (var transaction = await connection.BeginTransactionAsync())
            {
                await Execute($"INSERT INTO Parts VALUES (zeroblob({part.Length}));");
                await using (var blob = new SqliteBlob(connection, "Parts", "Weights", rowid: 1))
                    blob.Write(part);
                await transaction.CommitAsync();
            }

            raw.sqlite3_db_status(connection.Handle, raw.SQLITE_DBSTATUS_CACHE_WRITE, out var written, out _, resetFlg: 0);
            Assert.InRange(written, part.Length / PageLength, part.Length / PageLength + 4);

            async Task Execute(string sql)
            {
                await using var command = connection.CreateCommand();
                command.CommandText = sql;
                await command.ExecuteNonQueryAsync();
            }
        }

        Directory.Delete(folder, recursive: true);
    }
}
