using FedQueue.Aggregator.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace FedQueue.Aggregator.Tests.Storage;

public class MigrationTests
{
    [Fact]
    public void Migrations_lead_to_the_model_on_SQLite()
    {
        using var db = new SqliteDesignTime().CreateDbContext([]);

        Assert.False(db.Database.HasPendingModelChanges());
    }

    /// <summary>Written anew by <c>dotnet ef migrations script --no-transactions --context SqliteDbContext --output Storage/Migrations/Sqlite/Schema.sql</c> in the aggregator's folder.</summary>
    [Fact]
    public async Task A_new_file_gets_the_schema_of_all_migrations()
    {
        await using var db = new SqliteDesignTime().CreateDbContext([]);

        Assert.Equal(
            db.GetService<IMigrator>().GenerateScript(options: MigrationsSqlGenerationOptions.Script | MigrationsSqlGenerationOptions.NoTransactions),
            await SqliteSchema.OfAllMigrations(), ignoreLineEndingDifferences: true);
    }

    [Fact]
    public void Migrations_lead_to_the_model_on_PostgreSQL()
    {
        using var db = new PostgresDesignTime().CreateDbContext([]);

        Assert.False(db.Database.HasPendingModelChanges());
    }
}
