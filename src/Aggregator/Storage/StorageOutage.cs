using System.Data.Common;
using FedQueue.Aggregator.Participants;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace FedQueue.Aggregator.Storage;

/// <summary>Says when the storage fails and when it works again; in between no lease lapses, because no renewal can be stored.</summary>
internal sealed class StorageOutage(Leases leases, TimeProvider clock, ILogger<StorageOutage> log)
{
    // https://sqlite.org/rescode.html
    private const int SqliteError = 1;
    private const int SqliteConstraint = 19;
    private const int SqliteMismatch = 20;

    private static readonly TimeSpan SaidEvery = TimeSpan.FromSeconds(10);

    private readonly Lock gate = new();
    private DateTimeOffset? since;
    private DateTimeOffset said;

    /// <summary>True when a retry can mend it: database or disk is away, full or locked. A broken constraint stays broken.</summary>
    public static bool IsStorageProblem(Exception exception) => exception switch
    {
        SqliteException sqlite => sqlite.SqliteErrorCode is not (SqliteError or SqliteConstraint or SqliteMismatch),
        PostgresException postgres => postgres.SqlState[..2] is not ("22" or "23" or "42"),
        OutgoingException => false,
        DbException or IOException or UnauthorizedAccessException or TimeoutException => true,
        _ => exception.InnerException is { } inner && IsStorageProblem(inner),
    };

    public void Failed(FedQueueDbContext db, Exception exception)
    {
        lock (gate)
        {
            var now = clock.GetUtcNow();
            if (since is not null && now - said < SaidEvery)
                return;

            since ??= now;
            said = now;
            leases.StopListening();
            log.StorageAway(db.Place, exception.GetBaseException().Message.TrimEnd('.'), (now - since.Value).TotalSeconds);
        }
    }

    public void Works(FedQueueDbContext db)
    {
        lock (gate)
        {
            if (since is not { } failing)
                return;

            since = null;
            leases.ListenAnew();
            log.StorageBack(db.Place, (clock.GetUtcNow() - failing).TotalSeconds);
        }
    }
}
