using FedQueue.Aggregator;
using FedQueue.Aggregator.Participants;
using FedQueue.Aggregator.Rounds;
using FedQueue.Aggregator.Storage;
using MassTransit;
using MassTransit.Mediator;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace FedQueue.Reliability.Simulation;

/// <summary>
/// The aggregator as the service registers it: its saga, consumers, rules, store and outbox. Only the transport (messages are
/// handed over in place), the clock and the disk (SQLite in memory) are the simulation's. One instance serves many seeds.
/// </summary>
internal sealed class SimulatedAggregator : IAsyncDisposable
{
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(30);

    private readonly SqliteConnection connection = new("Data Source=:memory:");
    private readonly ServiceProvider services;
    private readonly OutboxRelay relay;
    private readonly SimulatedOutgoing outgoing = new();
    private AggregatorIdentity identity = new("aggregator");
    private int starts;

    private SimulatedAggregator()
    {
        connection.Open();
        var configuration = new ConfigurationBuilder().Build();
        var collection = new ServiceCollection();
        collection.AddSingleton<IConfiguration>(configuration).AddSingleton<TimeProvider>(Clock);
        collection.AddLogging(logging => logging.ClearProviders());
        collection.AddMediator(mediator => mediator.AddRounds());
        collection.AddAggregator();
        collection.AddSingleton<IOutgoing>(outgoing);
        collection.ConfigureDbContext<SqliteDbContext>(db => db.UseSqlite(connection).AddInterceptors(Crashes));
        services = collection.BuildServiceProvider();
        relay = ActivatorUtilities.CreateInstance<OutboxRelay>(services);
    }

    public VirtualClock Clock { get; } = new();

    public CrashInterceptor Crashes { get; } = new();

    public static async Task<SimulatedAggregator> Create()
    {
        LogContext.ConfigureCurrentLogContext();
        var aggregator = new SimulatedAggregator();
        await aggregator.Read(async db =>
        {
            await db.Database.MigrateAsync();

            // Between two seeds even the history goes.
            return await db.Database.ExecuteSqlRawAsync("DROP TRIGGER Events_are_never_changed; DROP TRIGGER Events_are_never_deleted;");
        });
        return aggregator;
    }

    /// <summary>Forgets everything and begins a new world.</summary>
    /// <param name="reversed">Rows come in the opposite order wherever a query names none: nothing may depend on it.</param>
    /// <param name="publish">Where committed messages go; throws what a broker or a crash would.</param>
    public async Task Reset(bool reversed, Action<object, string?> publish)
    {
        Clock.Elapsed = TimeSpan.Zero;
        starts = 0;
        Crashes.Next = CrashPoint.Never;
        outgoing.Take = publish;
        await using var command = connection.CreateCommand();
        command.CommandText = $"""
            PRAGMA reverse_unordered_selects = {(reversed ? "ON" : "OFF")};
            DELETE FROM Runs; DELETE FROM Rounds; DELETE FROM Submissions; DELETE FROM Quarantine; DELETE FROM Models;
            DELETE FROM Participants; DELETE FROM Aggregators; DELETE FROM Outbox; DELETE FROM Events;
            """;
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>What a new process does before it hears anything.</summary>
    public async Task Start()
    {
        await using var scope = services.CreateAsyncScope();
        identity = new AggregatorIdentity($"aggregator-{++starts}");
        await ActivatorUtilities.CreateInstance<AggregatorLife>(scope.ServiceProvider, identity).Begin(CancellationToken.None);
        Hear(true);
    }

    public async Task Beat()
    {
        await using var scope = services.CreateAsyncScope();
        await ActivatorUtilities.CreateInstance<AggregatorLife>(scope.ServiceProvider, identity).Beat(CancellationToken.None);
    }

    /// <summary>Broker or process come and go.</summary>
    public void Hear(bool listening)
    {
        var leases = services.GetRequiredService<Leases>();
        if (listening)
            leases.ListenAnew();
        else
            leases.StopListening();
    }

    /// <summary>Hands over one message; returns when it may be acknowledged.</summary>
    public Task Handle(object message) => services.GetRequiredService<IMediator>().Publish(message);

    public async Task<object> Ask<TRequest, TYes, TNo>(TRequest request) where TRequest : class where TYes : class where TNo : class
    {
        var response = await services.GetRequiredService<IMediator>().CreateRequestClient<TRequest>().GetResponse<TYes, TNo>(request);
        return response.Message;
    }

    public Task<int> Relay() => Read(db => relay.PublishBatch(db, CancellationToken.None));

    public async Task EndOverdue()
    {
        await using var scope = services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<Overdue>().End(CancellationToken.None);
    }

    public async Task<T> Read<T>(Func<FedQueueDbContext, Task<T>> query)
    {
        await using var scope = services.CreateAsyncScope();
        return await query(scope.ServiceProvider.GetRequiredService<FedQueueDbContext>());
    }

    public async ValueTask DisposeAsync()
    {
        relay.Dispose();
        await services.DisposeAsync();
        await connection.DisposeAsync();
    }

    private sealed class SimulatedOutgoing : IOutgoing
    {
        public Action<object, string?> Take { get; set; } = (_, _) => { };

        public Task Publish(object message, Guid id, string? queue, CancellationToken cancellationToken)
        {
            Take(message, queue);
            return Task.CompletedTask;
        }
    }
}
