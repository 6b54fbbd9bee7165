using FedQueue.Aggregator.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

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
    public async Task A_new_file_gets_the_schema_of_all_migrations_as_eng_model_sh_wrote_it()
    {
        await using var db = new SqliteDesignTime().CreateDbContext([]);

        Assert.Equal(
            db.GetService<IMigrator>().GenerateScript(options: MigrationsSqlGenerationOptions.Script | MigrationsSqlGenerationOptions.NoTransactions),
            await SqliteSchema.OfAllMigrations(), ignoreLineEndingDifferences: true);
    }

    [Fact]
    public void The_compiled_model_of_SQLite_is_that_of_the_rows_as_eng_model_sh_wrote_it()
    {
        using var db = new SqliteDesignTime().CreateDbContext([]);
        var (compiled, ofRows) = (db.Model, db.GetService<IDesignTimeModel>().Model);

        Assert.Equal("SqliteDbContextModel", compiled.GetType().Name);
        Assert.Equal(Described(ofRows), Described(compiled));
        Assert.Equal(
            ofRows.GetRelationalModel().ToDebugString(MetadataDebugStringOptions.ShortDefault),
            compiled.GetRelationalModel().ToDebugString(MetadataDebugStringOptions.ShortDefault));

        static string Described(IModel model) => string.Join('\n',
            [model.GetProductVersion(), model.ToDebugString(MetadataDebugStringOptions.ShortDefault), .. model.GetEntityTypes().SelectMany(e => e.GetProperties()).Select(p =>
                $"{p.DeclaringType.Name}.{p.Name}: {Stored(p.GetTypeMapping().Converter)}, {p.GetMaxLength()}, {p.ValueGenerated}")]);

        static string? Stored(ValueConverter? converter) => converter is null ? null : $"{converter.ProviderClrType} {converter.ConvertToProvider(Sample(converter.ModelClrType))}";

        static object Sample(Type type) => type == typeof(DateTimeOffset) ? new DateTimeOffset(2026, 11, 28, 1, 2, 3, TimeSpan.FromHours(1))
            : type == typeof(List<string>) ? new List<string> { "a", "b" }
            : Activator.CreateInstance(Nullable.GetUnderlyingType(type) ?? type)!;
    }

    [Fact]
    public void Migrations_lead_to_the_model_on_PostgreSQL()
    {
        using var db = new PostgresDesignTime().CreateDbContext([]);

        Assert.False(db.Database.HasPendingModelChanges());
    }
}
