using FedQueue.Aggregator;
using FedQueue.Aggregator.Participants;
using FedQueue.Aggregator.Rounds;
using FedQueue.Aggregator.Runs;
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
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(45);

    private readonly SqliteConnection connection = new("Data Source=:memory:");
    private readonly ServiceProvider services;
    private readonly OutboxRelay relay;

    /// <summary>Serves all but the saga; what its context has read is forgotten after each use.</summary>
    private readonly AsyncServiceScope scope;

    private readonly SqliteCommand outboxHasRows;
    private readonly SimulatedOutgoing outgoing = new();
    private readonly DirectoryInfo models = InMemory();
    private AggregatorIdentity identity = new("aggregator");
    private int starts;

    private SimulatedAggregator()
    {
        connection.Open();
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(new Dictionary<string, string?> 
            {
                ["FedQueue:Participants:Lease"] = Lease.ToString(),
                ["FedQueue:Storage:Models"] = models.FullName,
            }).Build();
        var collection = new ServiceCollection();
        collection.AddSingleton<IConfiguration>(configuration).AddSingleton<TimeProvider>(Clock);
        collection.AddLogging(logging => logging.ClearProviders());
        collection.AddMediator(mediator => mediator.AddRounds());
        collection.AddAggregator();
        collection.AddSingleton<IOutgoing>(outgoing);
        collection.ConfigureDbContext<SqliteDbContext>(db => db.UseSqlite(connection).EnableThreadSafetyChecks(false).AddInterceptors(Crashes));
        services = collection.BuildServiceProvider();
        relay = ActivatorUtilities.CreateInstance<OutboxRelay>(services);
        scope = services.CreateAsyncScope();
        var waiting = connection.CreateCommand();
        waiting.CommandText = "SELECT EXISTS (SELECT 1 FROM Outbox)";
        outboxHasRows = waiting;
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
            DELETE FROM Participants; DELETE FROM Aggregators; DELETE FROM Outbox; DELETE FROM Events; DELETE FROM Baselines;
            """;
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>What a new process does before it hears anything.</summary>
    public async Task Start()
    {
        identity = new AggregatorIdentity($"aggregator-{++starts}");
        await Read(async db =>
        {
            await new AggregatorLife(db, identity, services.GetRequiredService<ClockSteps>()).Begin(CancellationToken.None);
            return 0;
        });
        Hear(true);
    }

    public Task Beat() => Read(async db =>
    {
        await new AggregatorLife(db, identity, services.GetRequiredService<ClockSteps>()).Beat(CancellationToken.None);
        return 0;
    });

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

    /// <summary>Hands over messages that come while another transaction is under way, so that they share the next.</summary>
    /// <returns>One task a message, all ended: whether it may be acknowledged.</returns>
    public async Task<IReadOnlyList<Task>> HandleTogether(IReadOnlyList<object> messages)
    {
        var turns = services.GetRequiredService<SharedFlush>().Writing;
        await turns.WaitAsync();
        var handled = messages.Select(Handle).ToList();
        turns.Release();
        foreach (var one in handled)
            await one.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return handled;
    }

    /// <summary>Hands a request to its consumer; returns what that answered.</summary>
    public Task<object> Ask<TConsumer, TRequest>(TRequest request) where TConsumer : class, IConsumer<TRequest> where TRequest : class =>
        Read(async _ =>
        {
            var (context, answer) = RequestContext.For(request);
            await scope.ServiceProvider.GetRequiredService<TConsumer>().Consume(context);
            return answer.Response!;
        });

    /// <returns>Number of messages published.</returns>
    public async Task<int> Relay() =>
        outboxHasRows.ExecuteScalar() is 1L ? await Read(db => relay.PublishBatch(db, CancellationToken.None)) : 0;

    public Task EndOverdue() => Read(async _ =>
    {
        await scope.ServiceProvider.GetRequiredService<Overdue>().End(CancellationToken.None);
        return 0;
    });

    /// <returns>Why it was refused; null when it was not.</returns>
    public Task<Refusal?> Cancel(string runId) => Read(_ => scope.ServiceProvider.GetRequiredService<RunRequest>().Cancel(runId, CancellationToken.None));

    public async Task<T> Read<T>(Func<FedQueueDbContext, Task<T>> query)
    {
        var db = scope.ServiceProvider.GetRequiredService<FedQueueDbContext>();
        try
        {
            return await query(db);
        }
        finally
        {
            db.ChangeTracker.Clear();
        }
    }

    public async ValueTask DisposeAsync()
    {
        relay.Dispose();
        await scope.DisposeAsync();
        await outboxHasRows.DisposeAsync();
        await services.DisposeAsync();
        await connection.DisposeAsync();
        models.Delete(recursive: true);
    }

    /// <summary>Model files are flushed to their disk, for which a real one takes longer than a world takes for all else.</summary>
    private static DirectoryInfo InMemory() => Directory.Exists("/dev/shm")
        ? Directory.CreateDirectory($"/dev/shm/fedqueue-{Guid.NewGuid():N}")
        : Directory.CreateTempSubdirectory("fedqueue-");

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
