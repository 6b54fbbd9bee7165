using Microsoft.Data.Sqlite;

namespace FedQueue.System.Tests.OneProcess;

/// <summary>Changes a database of a run while no program uses it.</summary>
internal static class Tamper
{
    /// <summary>Back to where the round is closed, and the command that opens the next one was lost with its process.</summary>
    public static Task TakeBackEverythingAfter(string database, int round) => Execute(
        database,
        $"""
        DELETE FROM Rounds WHERE Round > {round};
        DELETE FROM Submissions WHERE Round > {round};
        DELETE FROM Models WHERE Round > {round};
        DELETE FROM Outbox;
        UPDATE Runs SET Status = 1, Round = {round}, EndedAt = NULL;
        """);

    /// <summary>To leases that nobody can wait for.</summary>
    public static Task LengthenLeases(string database) => Execute(database, $"UPDATE Participants SET LeaseUntil = LeaseUntil + {TimeSpan.TicksPerDay}");

    private static async Task Execute(string database, string sql)
    {
        await using var connection = new SqliteConnection($"Data Source={database};Pooling=False");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        Assert.NotEqual(0, await command.ExecuteNonQueryAsync());
    }
}
