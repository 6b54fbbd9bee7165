using FedQueue.Aggregator.Participants;
using FedQueue.Aggregator.Rounds;
using FedQueue.Aggregator.Runs;
using FedQueue.Aggregator.Storage;
using FedQueue.Contracts;
using MassTransit;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace FedQueue.Aggregator;

/// <summary>The one registration, for the service and for one-process mode.</summary>
public static class AggregatorRegistration
{
    /// <summary>Registers rounds, rules and storage. Call it after the bus is added: what publishes must start after the bus and stop before it.</summary>
    public static IServiceCollection AddAggregator(this IServiceCollection services)
    {
        services.AddOptionsWithValidateOnStart<StorageOptions, StorageOptionsValidator>()
            .BindConfiguration(StorageOptions.Section, binder => binder.ErrorOnUnknownConfiguration = true);
        services.AddOptionsWithValidateOnStart<ParticipantOptions, ParticipantOptionsValidator>()
            .BindConfiguration(ParticipantOptions.Section, binder => binder.ErrorOnUnknownConfiguration = true);
        services.AddOptionsWithValidateOnStart<RunOptions, RunOptionsValidator>()
            .BindConfiguration(RunOptions.Section, binder => binder.ErrorOnUnknownConfiguration = true);

        // What EF reports as an error it also throws, to somebody who knows more of it.
        services.AddLogging(logging => logging.AddFilter("Microsoft.EntityFrameworkCore", LogLevel.Critical));

        services.TryAddSingleton(TimeProvider.System);
        services.AddDbContext<FedQueueDbContext>((provider, db) =>
            db.UseSqlite($"Data Source={provider.GetRequiredService<IOptions<StorageOptions>>().Value.Database}"));
        services.AddSingleton<OutboxSignal>().AddSingleton<RunReport>();
        services.AddScoped<RunStart>().AddScoped<RunEnd>();
        services.AddScoped<OpenRound>().AddScoped<AcceptWeights>().AddScoped<AcceptEvaluation>().AddScoped<AcceptFailure>()
            .AddScoped<CompleteRound>().AddScoped<FailRound>();
        services.AddHealthChecks().AddCheck<DatabaseHealth>("database", tags: ["ready"]);

        services.AddHostedService<OutboxRelay>().AddHostedService<DeadlineClock>()
            .AddHostedService<WaitReporter>().AddHostedService<AutoStart>();
        return services;
    }

    /// <summary>Brings the database to the program's schema; to be awaited before the host starts, so before any message can arrive.</summary>
    /// <exception cref="StartupException">The file cannot be used.</exception>
    public static async Task PrepareStorage(IServiceProvider services)
    {
        var path = Path.GetFullPath(services.GetRequiredService<IOptions<StorageOptions>>().Value.Database);
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            await using var scope = services.CreateAsyncScope();
            var database = scope.ServiceProvider.GetRequiredService<FedQueueDbContext>().Database;
            await database.MigrateAsync();

            // Readers then do not wait for the writer; a commit still reaches the disk before it is acknowledged.
            await database.ExecuteSqlRawAsync("PRAGMA journal_mode = WAL;");
        }
        catch (Exception exception) when (exception is SqliteException or IOException or UnauthorizedAccessException)
        {
            throw new StartupException(
                $"The database {path} cannot be used ({exception.Message.TrimEnd('.')}); check path, permissions and room on the disk, or move the file away.");
        }
    }

    /// <summary>Registers the saga and the consumers on the bus.</summary>
    public static void AddRounds(this IBusRegistrationConfigurator bus)
    {
        bus.AddSagaStateMachine<RoundStateMachine, RoundState, RoundDefinition>().InFedQueueDatabase();
        bus.AddConsumer<StartRunConsumer, StartRunConsumerDefinition>();
        bus.AddConsumer<RunEndConsumer, RunEndConsumerDefinition>();
        bus.AddConsumer<ClaimParticipantConsumer, ClaimParticipantConsumerDefinition>();
        bus.AddConsumer<RenewClaimConsumer, RenewClaimConsumerDefinition>();
        bus.AddConsumer<ReleaseParticipantConsumer, ReleaseParticipantConsumerDefinition>();
    }
}
