using System.Collections.Concurrent;
using FedQueue.Aggregator.Rounds;
using FedQueue.Aggregator.Storage;
using FedQueue.Contracts;
using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace FedQueue.Aggregator.Tests;

/// <summary>The aggregator as the service registers it, on the in-memory queue and a database file of its own.</summary>
internal sealed class AggregatorHost : IAsyncDisposable
{
    private readonly IHost host;
    private readonly bool ownsFolder;

    private AggregatorHost(IHost host, string folder, bool ownsFolder) => (this.host, Folder, this.ownsFolder) = (host, folder, ownsFolder);

    public string Folder { get; }

    public IServiceProvider Services => host.Services;

    public IBus Bus => host.Services.GetRequiredService<IBus>();

    /// <summary>All that the aggregator published, in order of arrival.</summary>
    public Heard Heard => host.Services.GetRequiredService<Heard>();

    /// <summary>Warnings and errors.</summary>
    public IReadOnlyList<string> Logged => [.. host.Services.GetServices<ILoggerProvider>().OfType<LoggedLines>().Single().Lines];

    /// <param name="folder">Where the database lies; null: a new folder that goes with the host.</param>
    /// <param name="clock">Null: the system's.</param>
    /// <param name="settings">Beside those of the host.</param>
    /// <param name="register">Last changes to what is registered.</param>
    public static async Task<AggregatorHost> Start(
        string? folder = null, TimeProvider? clock = null, (string Key, string Value)[]? settings = null, Action<IServiceCollection>? register = null)
    {
        var path = folder ?? Directory.CreateTempSubdirectory("fedqueue-").FullName;
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["FedQueue:Transport"] = "InMemory",
            ["FedQueue:Storage:Database"] = Path.Combine(path, "fedqueue.db"),
        });
        builder.Configuration.AddInMemoryCollection((settings ?? []).Select(s => KeyValuePair.Create(s.Key, (string?)s.Value)));
        builder.Logging.SetMinimumLevel(LogLevel.Warning).AddProvider(new LoggedLines());
        builder.Services.AddSingleton<Heard>().AddSingleton(clock ?? TimeProvider.System);
        builder.Services.AddFedQueueBus(builder.Configuration, bus =>
        {
            bus.AddRounds();
            bus.AddConsumer<HeardConsumer, HeardConsumerDefinition>();
        });
        builder.Services.AddAggregator();
        register?.Invoke(builder.Services);

        var host = builder.Build();

        // MassTransit's log context belongs to the process; without this the first host's disposed one would be used.
        LogContext.ConfigureCurrentLogContext(host.Services.GetRequiredService<ILoggerFactory>());
        await AggregatorRegistration.PrepareStorage(host.Services);
        await host.StartAsync();
        return new AggregatorHost(host, path, ownsFolder: folder is null);
    }

    public async Task<T> Read<T>(Func<FedQueueDbContext, Task<T>> query)
    {
        await using var scope = host.Services.CreateAsyncScope();
        return await query(scope.ServiceProvider.GetRequiredService<FedQueueDbContext>());
    }

    public Task<T> Until<T>(Func<FedQueueDbContext, Task<T?>> query, string what) where T : class => Until(() => Read(query), what);

    /// <summary>Waits until the query gives something.</summary>
    public static async Task<T> Until<T>(Func<Task<T?>> query, string what) where T : class
    {
        using var timeout = new CancellationTokenSource(Hang.Limit);
        using var poll = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (true)
        {
            if (await query() is { } found)
                return found;
            try
            {
                await poll.WaitForNextTickAsync(timeout.Token);
            }
            catch (OperationCanceledException)
            {
                throw new TimeoutException($"Not within {Hang.Limit}: {what}");
            }
        }
    }

    public IRequestClient<T> Client<T>() where T : class => Bus.CreateRequestClient<T>(Hang.Limit);

    /// <summary>Makes participants present, each held by a worker named after it.</summary>
    public async Task Join(params string[] participants)
    {
        foreach (var participant in participants)
        {
            await Claim($"worker-of-{participant}", participant);
            await Renew($"worker-of-{participant}", participant);
        }
    }

    public async Task<object> Claim(string workerId, params string[] candidates)
    {
        var response = await Client<ClaimParticipant>()
            .GetResponse<ParticipantClaimed, ParticipantUnavailable>(new ClaimParticipant { WorkerId = workerId, Candidates = candidates, ProtocolVersion = Protocol.Version });
        return response.Message;
    }

    /// <summary>As a worker whose data will do for every plan, or, with a problem, for none.</summary>
    public async Task<object> Renew(string workerId, string participant, string? problem = null)
    {
        var told = new List<PlanChecked>();
        while (true)
        {
            var response = await Client<RenewClaim>().GetResponse<ParticipantClaimed, ParticipantUnavailable>(
                new RenewClaim { WorkerId = workerId, Participant = participant, Checked = told });
            if (response.Message is not ParticipantClaimed { Plans: { Count: > 0 } plans })
                return response.Message;
            told = [.. plans.Select(plan => new PlanChecked { RunId = plan.RunId, Key = plan.Key(), Problem = problem })];
        }
    }

    public Task StartRun(RunPlan plan, string runId = "run") => Bus.Publish(new StartRun { RunId = runId, Plan = plan });

    public Task<RoundState> UntilOpen(int round, string runId = "run") => Until(
        db => db.Rounds.AsNoTracking().FirstOrDefaultAsync(r => r.RunId == runId && r.Round == round && r.CurrentState == nameof(RoundStateMachine.Collecting)),
        $"round {round} of {runId} is open");

    public Task<RunRow> UntilEnded(string runId = "run") => Until(
        db => db.Runs.AsNoTracking().FirstOrDefaultAsync(r => r.Id == runId && (r.Status == RunStatus.Completed || r.Status == RunStatus.Failed)),
        $"run {runId} has ended");

    public Task<EventRow> UntilNoted(string kind, string? participant = null) => Until(
        db => db.Events.AsNoTracking().FirstOrDefaultAsync(e => e.Kind == kind && (participant == null || e.Participant == participant)),
        $"the history has '{kind}' of {participant ?? "anybody"}");

    public async ValueTask DisposeAsync()
    {
        await host.StopAsync();
        host.Dispose();
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        if (ownsFolder)
            Directory.Delete(Folder, recursive: true);
    }
}

/// <summary>Messages in order of arrival.</summary>
internal sealed class Heard
{
    private readonly ConcurrentQueue<object> messages = new();

    private readonly ConcurrentQueue<Guid> ids = new();

    /// <summary>Message ids, in the same order.</summary>
    public IReadOnlyList<Guid> Ids => [.. ids];

    public Task Add<T>(ConsumeContext<T> context) where T : class
    {
        ids.Enqueue(context.MessageId!.Value);
        messages.Enqueue(context.Message);
        return Task.CompletedTask;
    }

    public IReadOnlyList<T> All<T>() => [.. messages.OfType<T>()];

    public Task<T> Next<T>(Func<T, bool>? which = null) where T : class => AggregatorHost.Until(
        () => Task.FromResult(messages.OfType<T>().FirstOrDefault(which ?? (_ => true))), $"a {typeof(T).Name} was published");
}

internal sealed class HeardConsumer(Heard heard)
    : IConsumer<RoundStarted>, IConsumer<RoundCompleted>, IConsumer<RoundFailed>, IConsumer<RunCompleted>, IConsumer<RunFailed>, IConsumer<RunCancelled>
{
    public Task Consume(ConsumeContext<RoundStarted> context) => heard.Add(context);
    public Task Consume(ConsumeContext<RoundCompleted> context) => heard.Add(context);
    public Task Consume(ConsumeContext<RoundFailed> context) => heard.Add(context);
    public Task Consume(ConsumeContext<RunCompleted> context) => heard.Add(context);
    public Task Consume(ConsumeContext<RunFailed> context) => heard.Add(context);
    public Task Consume(ConsumeContext<RunCancelled> context) => heard.Add(context);
}

internal sealed class HeardConsumerDefinition : ConsumerDefinition<HeardConsumer>
{
    // One after the other, or the order of arrival would be lost here.
    public HeardConsumerDefinition() => ConcurrentMessageLimit = 1;
}

/// <summary>Keeps what is logged.</summary>
internal sealed class LoggedLines : ILoggerProvider, ILogger
{
    public ConcurrentQueue<string> Lines { get; } = new();

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        Lines.Enqueue(formatter(state, exception));

    public void Dispose()
    {
    }
}
