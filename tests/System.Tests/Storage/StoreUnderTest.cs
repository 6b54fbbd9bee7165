using System.Reflection;
using FedQueue.Aggregator.Storage;
using FedQueue.System.Tests.OneProcess;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Testcontainers.PostgreSql;
using Xunit.Sdk;

namespace FedQueue.System.Tests.Storage;

/// <summary>Runs a theory of <see cref="StoreTests"/> on an SQLite file.</summary>
internal sealed class OnSqliteAttribute : DataAttribute
{
    public override IEnumerable<object[]> GetData(MethodInfo testMethod) => [["Sqlite"]];
}

/// <summary>Runs a theory of <see cref="StoreTests"/> on a PostgreSQL server, which needs Docker.</summary>
internal sealed class OnPostgresAttribute : DataAttribute
{
    public OnPostgresAttribute() => Skip = new DockerFactAttribute().Skip;

    public override IEnumerable<object[]> GetData(MethodInfo testMethod) => [["Postgres"]];
}

/// <summary>One server for all tests; each gets a database of its own.</summary>
public sealed class PostgresServer : IAsyncLifetime
{
    private PostgreSqlContainer? container;

    public async Task InitializeAsync()
    {
        if (Environment.GetEnvironmentVariable("FEDQUEUE_DOCKER") != "1")
            return;
        container = new PostgreSqlBuilder("postgres:17").Build();
        await container.StartAsync();
    }

    public Task DisposeAsync() => container?.DisposeAsync().AsTask() ?? Task.CompletedTask;

    public async Task<string> NewDatabase()
    {
        var name = $"test_{Guid.NewGuid():N}";
        await using var connection = new NpgsqlConnection(container!.GetConnectionString());
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = $"CREATE DATABASE {name}";
        await command.ExecuteNonQueryAsync();
        return new NpgsqlConnectionStringBuilder(container.GetConnectionString()) { Database = name }.ConnectionString;
    }
}

/// <summary>An empty database of the newest schema, without an aggregator.</summary>
internal sealed class StoreUnderTest(string? postgres) : IAsyncDisposable
{
    private readonly TemporaryFolder folder = new();

    public static async Task<StoreUnderTest> Create(string provider, PostgresServer server)
    {
        var store = new StoreUnderTest(provider == "Postgres" ? await server.NewDatabase() : null);
        await using var db = store.Open();
        await db.Database.MigrateAsync();
        return store;
    }

    /// <summary>A context as another process would have it.</summary>
    public FedQueueDbContext Open() => postgres is null
        ? new SqliteDbContext(
            new DbContextOptionsBuilder<SqliteDbContext>().UseSqlite($"Data Source={Path.Combine(folder.Path, "fedqueue.db")}").Options,
            DesignTimeState.Create())
        : new PostgresDbContext(
            new DbContextOptionsBuilder<PostgresDbContext>().UseNpgsql(PostgresDbContext.WithLimits(postgres)).Options, DesignTimeState.Create());

    public IReadOnlyDictionary<string, string?> Settings => postgres is null
        ? new Dictionary<string, string?> { ["FedQueue:Storage:Database"] = Path.Combine(folder.Path, "fedqueue.db") }
        : new Dictionary<string, string?> { ["FedQueue:Storage:Provider"] = "Postgres", ["FedQueue:Storage:Connection"] = postgres };

    public ValueTask DisposeAsync()
    {
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        folder.Dispose();
        return ValueTask.CompletedTask;
    }
}
