using System.Data.Common;
using FedQueue.Aggregator.Storage;

namespace FedQueue.Reliability.Kills;

/// <summary>A run as the aggregators have stored it, read past them: the same words for both databases.</summary>
/// <param name="RunId">Its id.</param>
/// <param name="Status">Null until the run is stored.</param>
/// <param name="Round">Newest round opened.</param>
/// <param name="Reason">Why it failed.</param>
/// <param name="WeightsSha256">Of its newest global weights.</param>
/// <param name="Progress">Moments at which it got on: it started or ended, a round opened or closed, an answer was stored.</param>
/// <param name="Submissions">The stored answers.</param>
internal sealed record RunHistory(
    string RunId, RunStatus? Status, int Round, string? Reason, string? WeightsSha256,
    IReadOnlyList<DateTimeOffset> Progress, IReadOnlyList<Stored> Submissions)
{
    private const string ProgressSql = """
        SELECT "CreatedAt" FROM "Runs" WHERE "Id" = @run
        UNION ALL SELECT "StartedAt" FROM "Runs" WHERE "Id" = @run AND "StartedAt" IS NOT NULL
        UNION ALL SELECT "EndedAt" FROM "Runs" WHERE "Id" = @run AND "EndedAt" IS NOT NULL
        UNION ALL SELECT "OpenedAt" FROM "Rounds" WHERE "RunId" = @run
        UNION ALL SELECT "ClosedAt" FROM "Rounds" WHERE "RunId" = @run AND "ClosedAt" IS NOT NULL
        UNION ALL SELECT "ReceivedAt" FROM "Submissions" WHERE "RunId" = @run
        """;

    private const string SubmissionsSql = """
        SELECT "Round", "Participant", "ReceivedAt" FROM "Submissions" WHERE "RunId" = @run
        """;

    private const string RunSql = """
        SELECT "Status", "Round", "Reason", (SELECT "WeightsSha256" FROM "Models" WHERE "RunId" = @run ORDER BY "Round" DESC LIMIT 1)
        FROM "Runs" WHERE "Id" = @run
        """;

    public bool HasEnded => Status is RunStatus.Completed or RunStatus.Failed;

    /// <exception cref="DbException">The database is away or has no tables yet.</exception>
    public static async Task<RunHistory> Read(DbConnection connection, string runId, CancellationToken cancellationToken)
    {
        await connection.OpenAsync(cancellationToken);

        // The run first: when it has ended, what is read after it is complete.
        var run = (await Rows(RunSql, row => (Status: (RunStatus?)row.GetInt32(0), Round: row.GetInt32(1), Reason: Text(row, 2), Sha: Text(row, 3)))).SingleOrDefault();
        return new RunHistory(
            runId, run.Status, run.Round, run.Reason, run.Sha,
            await Rows(ProgressSql, row => Time(row, 0)),
            await Rows(SubmissionsSql, row => new Stored(runId, row.GetInt32(0), row.GetString(1), Time(row, 2))));

        async Task<List<T>> Rows<T>(string sql, Func<DbDataReader, T> select)
        {
            await using var command = connection.CreateCommand();
            command.CommandText = sql;
            var parameter = command.CreateParameter();
            (parameter.ParameterName, parameter.Value) = ("@run", runId);
            command.Parameters.Add(parameter);

            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            List<T> rows = [];
            while (await reader.ReadAsync(cancellationToken))
                rows.Add(select(reader));
            return rows;
        }
    }

    private static DateTimeOffset Time(DbDataReader row, int column) => new(row.GetInt64(column), TimeSpan.Zero);

    private static string? Text(DbDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);
}

/// <summary>A stored answer.</summary>
internal sealed record Stored(string RunId, int Round, string Participant, DateTimeOffset At);
