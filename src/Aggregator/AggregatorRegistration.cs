using FedQueue.Aggregator.Live;
using FedQueue.Aggregator.Participants;
using FedQueue.Aggregator.Rounds;
using FedQueue.Aggregator.Runs;
using FedQueue.Aggregator.Storage;
using FedQueue.Contracts;
using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
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
            .BindConfiguration(StorageOptions.Section, binder => binder.ErrorOnUnknownConfiguration = true)
            .Services.AddSingleton<IValidateOptions<StorageOptions>, StorageSettingsValidator>();
        services.AddOptionsWithValidateOnStart<ParticipantOptions, ParticipantOptionsValidator>()
            .BindConfiguration(ParticipantOptions.Section, binder => binder.ErrorOnUnknownConfiguration = true);
        services.AddOptionsWithValidateOnStart<RunOptions, RunOptionsValidator>()
            .BindConfiguration(RunOptions.Section, binder => binder.ErrorOnUnknownConfiguration = true);

        // What EF reports as an error it also throws, to somebody who knows more of it.
        services.AddLogging(logging => logging.AddFilter("Microsoft.EntityFrameworkCore", LogLevel.Critical));

        services.AddConsumeObserver<AnswerObserver>();
        services.AddStorage();
        services.AddSingleton<Leases>().AddSingleton<GlobalWeights>().AddSingleton<RunReport>().AddSingleton<InitialErrors>().AddSingleton<IOutgoing, BusOutgoing>();
        services.AddSingleton<LiveFeed>().AddSingleton<Spares>().AddSingleton<Refusals>().AddSingleton<InitialModels>();
        services.AddScoped<PlanOffers>().AddScoped<RunStart>().AddScoped<RunEnd>().AddScoped<RunRequest>();
        services.AddScoped<RoundOpening>().AddScoped<OpenRound>().AddScoped<AcceptWeights>().AddScoped<AcceptEvaluation>().AddScoped<AcceptFailure>()
            .AddScoped<CompleteRound>().AddScoped<FailRound>().AddScoped<Quarantine>().AddScoped<SubmissionParts>().AddScoped<Overdue>();
        services.AddHealthChecks().AddCheck<DatabaseHealth>("database", tags: ["ready"]);

        services.AddReceiveEndpointObserver<ListeningObserver>();
        services.AddHostedService<OutboxRelay>().AddHostedService<DeadlineClock>().AddHostedService<LifeClock>()
            .AddHostedService<WaitReporter>().AddHostedService<LiveWatch>().AddHostedService<Census>().AddHostedService(provider => provider.GetRequiredService<InitialModels>()).AddHostedService<AutoStart>();
        return services;
    }

    /// <summary>Brings the database to the program's schema; to be awaited before the host starts, so before any message can arrive.</summary>
    /// <exception cref="StartupException">The database cannot be used.</exception>
    public static Task PrepareStorage(IServiceProvider services) => PrepareStorage(services, model: Task.CompletedTask);

    /// <param name="services">Of the host.</param>
    /// <param name="model">Done when Entity Framework has its model of the database, which a new file's tables do not need.</param>
    /// <inheritdoc cref="PrepareStorage(IServiceProvider)"/>
    internal static async Task PrepareStorage(IServiceProvider services, Task model)
    {
        await using var scope = services.CreateAsyncScope();
        var life = scope.ServiceProvider.GetRequiredService<AggregatorLife>();
        await scope.ServiceProvider.GetRequiredService<StoragePreparation>().Run(async () =>
        {
            await model;
            await life.Begin(CancellationToken.None);
        });
    }

    /// <summary>The database alone, for programs that only read what an aggregator has written.</summary>
    internal static IServiceCollection AddStorage(this IServiceCollection services)
    {
        services.AddFederationClock();
        services.AddDbContextPool<SqliteDbContext>((provider, db) =>
            db.UseSqlite($"Data Source={Path.GetFullPath(provider.GetRequiredService<IOptions<StorageOptions>>().Value.Database)}")
                .AddInterceptors(new SqliteConnectionSettings())
                .ConfigureWarnings(ModelIsThatOfMigrations));
        services.AddDbContextPool<PostgresDbContext>((provider, db) =>
            db.UseNpgsql(PostgresDbContext.WithLimits(provider.GetRequiredService<IOptions<StorageOptions>>().Value.Connection ?? ""))
                .ConfigureWarnings(ModelIsThatOfMigrations));
        services.AddScoped<FedQueueDbContext>(provider =>
            provider.GetRequiredService<IOptions<StorageOptions>>().Value.Provider is StorageProvider.Postgres
                ? provider.GetRequiredService<PostgresDbContext>()
                : provider.GetRequiredService<SqliteDbContext>());
        services.AddSingleton<OutboxSignal>().AddSingleton<StorageOutage>().AddSingleton<SharedFlush>().AddSingleton<LogCheckpoints>().AddSingleton<SharedTransaction>();
        services.TryAddSingleton<BrokerLink>();
        services.AddSingleton<StorageState>().AddSingleton<StorageLock>();
        services.AddMetrics().AddSingleton<RoundMetrics>();
        services.AddSingleton(AggregatorIdentity.New());
        return services.AddScoped<StoragePreparation>().AddScoped<AggregatorLife>();

        // Every migration would compare the two, for a tenth of a second; a test does.
        static void ModelIsThatOfMigrations(WarningsConfigurationBuilder warnings) => warnings.Ignore(RelationalEventId.PendingModelChangesWarning);
    }

    /// <summary>Registers the saga and the consumers on the bus.</summary>
    public static void AddRounds(this IBusRegistrationConfigurator bus)
    {
        bus.AddConfigureEndpointsCallback((context, _, endpoint) => endpoint.UseConsumeFilter(typeof(Admission<>), context));
        AddRounds((IRegistrationConfigurator)bus);
    }

    /// <summary>The same for a mediator, to which <see cref="Admission{T}"/> is added with its own configuration.</summary>
    internal static void AddRounds(this IRegistrationConfigurator bus)
    {
        bus.AddSagaStateMachine<RoundStateMachine, RoundState, RoundDefinition>().InFedQueueDatabase();
        bus.AddConsumer<StartRunConsumer, StartRunConsumerDefinition>();
        bus.AddConsumer<RunEndConsumer, RunEndConsumerDefinition>();
        bus.AddConsumer<ClaimParticipantConsumer, ClaimParticipantConsumerDefinition>();
        bus.AddConsumer<RenewClaimConsumer, RenewClaimConsumerDefinition>();
        bus.AddConsumer<ReleaseParticipantConsumer, ReleaseParticipantConsumerDefinition>();
        bus.AddConsumer<ProgressConsumer, ProgressConsumerDefinition>();
        bus.AddConsumer<LocalModelConsumer, LocalModelConsumerDefinition>();
        bus.AddConsumer<FetchWeightsConsumer, FetchWeightsConsumerDefinition>();
    }
}
