using FedQueue.Aggregator.Storage;
using Microsoft.EntityFrameworkCore;

namespace FedQueue.Aggregator.Tests.Storage;

public class MigrationTests
{
    [Fact]
    public void Migrations_lead_to_the_model_on_SQLite()
    {
        using var db = new SqliteDesignTime().CreateDbContext([]);

        Assert.False(db.Database.HasPendingModelChanges());
    }

    [Fact]
    public void Migrations_lead_to_the_model_on_PostgreSQL()
    {
        using var db = new PostgresDesignTime().CreateDbContext([]);

        Assert.False(db.Database.HasPendingModelChanges());
    }
}
