using System.Data.Common;
using FedQueue.Aggregator.Participants;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace FedQueue.Aggregator.Storage;

/// <summary>Says when the storage fails and when it works again; in between no lease lapses, because no renewal can be stored.</summary>
internal sealed class StorageOutage(Leases leases, TimeProvider clock, ILogger<StorageOutage> log)
{
    // Permissions, locks, memory, disk, a damaged or locked file: https://sqlite.org/rescode.html
    private static readonly HashSet<int> SqliteAway = [3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 14, 15, 22, 23, 26];

    // Connection, rolled back, resources, lock, operator, system, internal; of others the message is the reason: https://www.postgresql.org/docs/17/errcodes-appendix.html
    private static readonly HashSet<string> PostgresAway = ["08", "25", "28", "3D", "40", "53", "55", "57", "58", "XX"];

    private static readonly TimeSpan SaidEvery = TimeSpan.FromSeconds(10);

    private readonly Lock gate = new();
    private DateTimeOffset? since;
    private DateTimeOffset said;

    /// <summary>True when a retry can mend it: database or disk is away, full or locked. A broken constraint or a value that is too long stays so.</summary>
    public static bool IsStorageProblem(Exception exception) => exception switch
    {
        SqliteException sqlite => SqliteAway.Contains(sqlite.SqliteErrorCode),
        PostgresException postgres => PostgresAway.Contains(postgres.SqlState[..2]),
        OutgoingException or MessageSetAsideException => false,
        DbException or IOException or UnauthorizedAccessException or TimeoutException => true,
        _ => exception.InnerException is { } inner && IsStorageProblem(inner),
    };

    /// <summary>There is no room for what is to be stored.</summary>
    public static bool IsFull(Exception exception) => exception switch
    {
        SqliteException sqlite => sqlite.SqliteErrorCode is 10 or 13,
        PostgresException postgres => postgres.SqlState.StartsWith("53", StringComparison.Ordinal),
        IOException => true,
        _ => exception.InnerException is { } inner && IsFull(inner),
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
