using System.Text.Json;
using FedQueue.Aggregator;
using FedQueue.Aggregator.Storage;
using FedQueue.Contracts;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace FedQueue.Cli.Runs;

/// <summary>The database of a run, opened as the aggregator opens it but without an aggregator: nothing of the run goes on.</summary>
internal sealed class LocalDatabase : IAsyncDisposable
{
    private readonly string path;
    private readonly ServiceProvider services;
    private readonly AsyncServiceScope scope;

    private LocalDatabase(string path)
    {
        this.path = path;
        var settings = new Dictionary<string, string?> { [$"{StorageOptions.Section}:{nameof(StorageOptions.Database)}"] = path };
        services = new ServiceCollection()
            .AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(settings).Build())
            .AddLogging(logging => logging.AddFedQueueConsole().SetMinimumLevel(LogLevel.Warning))
            .AddAggregator()
            .BuildServiceProvider();
        scope = services.CreateAsyncScope();
        Db = scope.ServiceProvider.GetRequiredService<FedQueueDbContext>();
    }

    public FedQueueDbContext Db { get; }

    public StorageOptions Storage => services.GetRequiredService<IOptions<StorageOptions>>().Value;

    /// <summary>Opens a file that exists.</summary>
    public static LocalDatabase Open(string path) => new(path);

    /// <summary>
    /// Entity Framework makes itself ready for the database at the first use of a context, and stays so for the process. What else a start does with
    /// the database waits for it, so it is to be begun first.
    /// </summary>
    public static Task MakeModel() => Task.Run(async () =>
    {
        await using var database = Open("never opened");
        _ = database.Db.Model;
    });

    /// <summary>For who goes on with the run: a file of an older version gets this version's schema.</summary>
    /// <exception cref="StartupException">The file cannot be used, or another process has it.</exception>
    public Task BringUpToDate() => Use(async () =>
    {
        await scope.ServiceProvider.GetRequiredService<StoragePreparation>().Run();
        return 0;
    });

    /// <summary>Whether nothing is stored: the process that made the file ended before it did, or is not that far yet.</summary>
    /// <exception cref="StartupException">The file cannot be used.</exception>
    public Task<bool> IsEmpty(CancellationToken cancellationToken) => Use(async () => !(await Db.Database.GetAppliedMigrationsAsync(cancellationToken)).Any());

    /// <summary>For who only looks: changes nothing, so a run that is under way is not disturbed.</summary>
    /// <exception cref="StartupException">The file cannot be used.</exception>
    public Task<T> Read<T>(Func<FedQueueDbContext, Task<T>> read, CancellationToken cancellationToken) => Use(async () =>
    {
        cancellationToken.ThrowIfCancellationRequested();
        if ((await StoragePreparation.MigrationsToCome(Db)).Count > 0)
            throw new StartupException($"The database {path} was written by an older FedQueue; go on with its run in this version first, or look at it with the older one.");
        return await read(Db);
    });

    public async ValueTask DisposeAsync()
    {
        await scope.DisposeAsync();
        await services.DisposeAsync();
    }

    private async Task<T> Use<T>(Func<Task<T>> action)
    {
        try
        {
            return await action();
        }
        catch (SqliteException exception)
        {
            throw new StartupException(
                $"The database {path} cannot be used ({exception.Message.TrimEnd('.')}); check that it is a run's database and that it may be read and written.");
        }
        catch (JsonException exception)
        {
            throw new StartupException($"The plan of the run in {path} cannot be read ({exception.Message.TrimEnd('.')}); put the database back as it was.");
        }
    }
}
