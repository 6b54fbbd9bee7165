using System.Data.Common;
using FedQueue.Aggregator.Participants;
using FedQueue.Aggregator.Runs;
using FedQueue.Contracts;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace FedQueue.Aggregator.Storage;

/// <summary>Brings the database to the schema of this program, before any message can arrive.</summary>
internal sealed class StoragePreparation(
    FedQueueDbContext db, StorageLock storageLock, IOptions<StorageOptions> options, IOptions<RunOptions> run, IOptions<ParticipantOptions> participants,
    TimeProvider clock, ILogger<StoragePreparation> log)
{
    private const int UsualPageKibibytes = 16;

    /// <summary>The longest that SQLite has: the longer, the fewer calls and marks in the log a part of weights costs, and the more bytes a small change does.</summary>
    private const int PageKibibytesForParts = 64;

    /// <summary>A server may start later than its aggregators; a file is there or not.</summary>
    private static readonly TimeSpan ServerWithin = TimeSpan.FromMinutes(2);

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    private int PageKibibytes => options.Value.PageKibibytes ?? (ExpectsParts ? PageKibibytesForParts : UsualPageKibibytes);

    /// <summary>The weights of the run that the service starts by itself are larger than a message.</summary>
    private bool ExpectsParts => run.Value.AutoStart
        && WeightParts.Count(run.Value.ToCommand().Plan.Model().ParameterCount() * sizeof(float), participants.Value.PartLength) > 1;

    /// <param name="begin">What comes after the schema, tried again with it while a server is away.</param>
    /// <exception cref="StartupException">The database cannot be used; the message says why and what to do.</exception>
    public async Task Run(Func<Task>? begin = null)
    {
        if (options.Value.Provider is StorageProvider.Sqlite)
            await PrepareFile(Path.GetFullPath(options.Value.Database), begin);
        else
            await PrepareServer(begin);
    }

    private async Task PrepareFile(string path, Func<Task>? begin)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            storageLock.Take(path);
            if (!await SqliteSchema.Prepare(path, PageKibibytes))
                await BringUpToDate();
            await (begin?.Invoke() ?? Task.CompletedTask);
        }
        catch (Exception exception) when (exception is DbException or IOException or UnauthorizedAccessException)
        {
            throw new StartupException(
                $"The database {path} cannot be used ({exception.Message.TrimEnd('.')}); check path, permissions and room on the disk, or move the file away.");
        }
    }

    private async Task PrepareServer(Func<Task>? begin)
    {
        var started = clock.GetTimestamp();
        while (true)
        {
            try
            {
                await BringUpToDate();
                await (begin?.Invoke() ?? Task.CompletedTask);
                return;
            }
            catch (Exception exception) when (StorageOutage.IsStorageProblem(exception))
            {
                var reason = exception.GetBaseException().Message.TrimEnd('.');
                var left = ServerWithin - clock.GetElapsedTime(started);
                if (left <= TimeSpan.Zero)
                    throw new StartupException(
                        $"{db.Place} cannot be used ({reason}); check FedQueue:Storage:Connection and that the server runs.");
                log.WaitingForDatabase(db.Place, reason, left.TotalSeconds);
            }

            await Task.Delay(Pause, clock);
        }
    }

    private async Task BringUpToDate()
    {
        if ((await MigrationsToCome(db)).Count == 0)
            return;

        await db.InTurnWithOtherStarts(async () =>
        {
            // Another aggregator's start may have done it meanwhile.
            if ((await MigrationsToCome(db)).Count > 0)
                await db.Database.MigrateAsync();
        });
    }

    /// <returns>Migrations that the database lacks; none when its schema is this program's.</returns>
    /// <exception cref="StartupException">The schema is of a newer program.</exception>
    public static async Task<IReadOnlyList<string>> MigrationsToCome(FedQueueDbContext db)
    {
        var known = db.Database.GetMigrations().ToList();
        var applied = (await db.Database.GetAppliedMigrationsAsync()).ToList();
        return applied.Except(known).LastOrDefault() is { } unknown
            ? throw new StartupException(
                $"{db.Place} was written by a newer FedQueue (schema {unknown}; this program knows up to {known[^1]}): "
                + "start the newer program, or use another database.")
            : [.. known.Except(applied)];
    }
}
