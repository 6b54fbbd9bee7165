using Microsoft.Data.Sqlite;

namespace FedQueue.System.Tests.OneProcess;

/// <summary>Brings a database of a run back to an earlier moment.</summary>
internal static class TakeBack
{
    /// <summary>To where the round is closed, and the command that opens the next one was lost with its process.</summary>
    public static async Task EverythingAfter(string database, int round)
    {
        await using var connection = new SqliteConnection($"Data Source={database};Pooling=False");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText =
            """
            DELETE FROM Rounds WHERE Round > $round;
            DELETE FROM Submissions WHERE Round > $round;
            DELETE FROM Models WHERE Round > $round;
            DELETE FROM Outbox;
            UPDATE Runs SET Status = 1, Round = $round, EndedAt = NULL;
            """;
        command.Parameters.AddWithValue("$round", round);
        await command.ExecuteNonQueryAsync();
    }
}
