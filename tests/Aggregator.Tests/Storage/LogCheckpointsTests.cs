using System.Security.Cryptography;
using FedQueue.Aggregator.Storage;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace FedQueue.Aggregator.Tests.Storage;

public sealed class LogCheckpointsTests
{
    private const int Parts = 128;
    private const int PartLength = 1 << 20;

    /// <summary>SQLite's log only grows while nobody copies it, and never begins anew while others always write.</summary>
    [Theory]
    [InlineData("4")]
    [InlineData("64")]
    public async Task The_log_is_copied_beside_the_writers_and_stays_short(string pageKibibytes)
    {
        await using var aggregator = await AggregatorHost.Start(settings: [("FedQueue:Storage:PageKibibytes", pageKibibytes)]);

        // The log goes with the last connection, and other tests close all that are idle in the process.
        await using var open = new SqliteConnection($"Data Source={Path.Combine(aggregator.Folder, "fedqueue.db")};Pooling=False");
        await open.OpenAsync();
        await using var look = open.CreateCommand();
        look.CommandText = "SELECT count(*) FROM Runs";
        await look.ExecuteScalarAsync();
        var parts = Enumerable.Range(1, Parts).Select(_ => RandomNumberGenerator.GetBytes(PartLength)).ToList();

        await Task.WhenAll(Enumerable.Range(0, 4).Select(writer => aggregator.Read<object>(async db =>
        {
            for (var part = writer; part < Parts; part += 4)
                await db.Transact(() => db.AddPart(ModelPartRow.Key("run", 1, part + 1), parts[part], () => { }, CancellationToken.None), CancellationToken.None);
            return db;
        })));

        Assert.InRange(new FileInfo(Path.Combine(aggregator.Folder, "fedqueue.db-wal")).Length, PartLength, Parts * PartLength / 2);
        Assert.Equal("ok", await aggregator.Read(db => db.Database.SqlQuery<string>($"SELECT integrity_check AS Value FROM pragma_integrity_check").SingleAsync()));
        for (var part = 0; part < Parts; part++)
        {
            using var stored = await aggregator.Read(db => db.Part(ModelPartRow.Key("run", 1, part + 1), CancellationToken.None));
            Assert.True(stored!.Memory.Span.SequenceEqual(parts[part]), $"Part {part + 1} is not what was stored.");
        }

        Assert.Empty(aggregator.Logged);
    }

    [Fact]
    public void A_log_that_cannot_be_copied_is_said_and_whoever_wrote_goes_on()
    {
        var folder = Directory.CreateTempSubdirectory("fedqueue-");
        var path = Path.Combine(folder.FullName, "fedqueue.db");
        var lines = new LoggedLines();
        using var loggers = LoggerFactory.Create(logging => logging.AddProvider(lines));
        using var connection = new SqliteConnection($"Data Source={path};Pooling=False");
        connection.Open();
        Write("PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; CREATE TABLE Filler (Bytes); INSERT INTO Filler VALUES (randomblob(10000000))");

        // To open a folder as a database fails.
        File.Delete(path);
        Directory.CreateDirectory(path);
        using (var flush = new SharedFlush())
        using (var checkpoints = new LogCheckpoints(flush, loggers.CreateLogger<LogCheckpoints>()))
            checkpoints.Written(connection, "The database D");

        Assert.Contains("The database D: what was written could not be brought from its log into the file itself (", Assert.Single(lines.Lines), StringComparison.Ordinal);
        Write("INSERT INTO Filler VALUES (1)");
        folder.Delete(recursive: true);

        void Write(string sql)
        {
            using var command = connection.CreateCommand();
            command.CommandText = sql;
            command.ExecuteNonQuery();
        }
    }
}
