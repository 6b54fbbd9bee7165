using FedQueue.Aggregator;
using FedQueue.Aggregator.Storage;
using FedQueue.Contracts;
using FedQueue.System.Tests.OneProcess;
using FedQueue.System.Tests.Storage;
using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace FedQueue.System.Tests.Queue;

/// <summary>The clock of an aggregator's machine is set in mid-round, over RabbitMQ: of the only one, and of one of two that share a PostgreSQL.</summary>
[Collection(SharesBroker.Name)]
public sealed class ClockStepTests(Broker broker, PostgresServer postgres) : IAsyncLifetime
{
    private readonly LiveServices services = new(broker);
    private readonly SteppedClock clock = new();
    private IHost? aggregator;

    public Task InitializeAsync() => services.MakeVirtualHost();

    public async Task DisposeAsync()
    {
        if (aggregator is not null)
        {
            await aggregator.StopAsync();
            aggregator.Dispose();
        }

        await services.DisposeAsync();
    }

    [DockerTheory]
    [InlineData(false, 8 * 3600)]
    [InlineData(false, -3600)]
    [InlineData(true, 8 * 3600)]
    [InlineData(true, -3600)]
    public async Task The_run_ends_with_the_same_bits_and_nothing_is_trained_twice(bool isOneOfTwo, int seconds)
    {
        Dictionary<string, string> storage = new() { ["FedQueue__Storage__Database"] = services.Database };
        if (isOneOfTwo)
        {
            storage = new() { ["FedQueue__Storage__Provider"] = "Postgres", ["FedQueue__Storage__Connection"] = await postgres.NewDatabase() };
            await services.ReadyAggregator([.. storage.Select(setting => (setting.Key, setting.Value))]);
        }

        aggregator = await Start(storage);
        var workers = Enumerable.Range(0, 6).Select(_ => services.Worker()).ToList();
        await Until(db => db.Rounds.AnyAsync(round => round.Round == 2 && round.ClosedAt == null));

        clock.Offset += TimeSpan.FromSeconds(seconds);

        await Until(db => db.Runs.AnyAsync(run => run.Id == "clock" && run.Status != RunStatus.Waiting && run.Status != RunStatus.Running));
        Assert.Equal(await Simulate.Sha256OfInterruptibleJob(), await Read(db => db.Models.Where(m => m.Round == 5).Select(m => m.WeightsSha256).SingleAsync()));
        Assert.False(await Read(db => db.Events.AnyAsync(e => e.Kind == EventKind.Late || e.Kind == EventKind.Quarantined)));
        Assert.Equal(isOneOfTwo ? 0 : 1, await Read(db => db.Events.CountAsync(e => e.Kind == EventKind.ClockStepped)));
        var trainings = workers.SelectMany(worker => worker.Error.Split('\n')).Where(line => line.Contains(" training begins", StringComparison.Ordinal)).Select(line => line[(line.IndexOf("2108", StringComparison.Ordinal) + 5)..]).ToList();
        Assert.Equal((25, 25), (trainings.Count, trainings.Distinct().Count()));
    }

    private async Task<IHost> Start(Dictionary<string, string> storage)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Configuration.AddInMemoryCollection(storage.ToDictionary(setting => setting.Key.Replace("__", ":", StringComparison.Ordinal), setting => (string?)setting.Value));
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["FedQueue:RabbitMq:Host"] = broker.Host,
            ["FedQueue:RabbitMq:Port"] = $"{broker.Port}",
            ["FedQueue:RabbitMq:VirtualHost"] = services.VirtualHost,
            ["FedQueue:RabbitMq:User"] = Broker.User,
            ["FedQueue:RabbitMq:Password"] = Broker.Password,
            ["FedQueue:Storage:Models"] = Path.Combine(Path.GetDirectoryName(services.Database)!, "models"),
            ["FedQueue:Run:AutoStart"] = "true",
            ["FedQueue:Run:Id"] = "clock",
            ["FedQueue:Run:Seed"] = "7",
            ["FedQueue:Run:Rounds"] = "5",
            ["FedQueue:Run:Epochs"] = "100",
        });
        builder.Services.AddSingleton<TimeProvider>(clock);
        builder.Services.AddFedQueueBus(builder.Configuration, bus => bus.AddRounds());
        builder.Services.AddAggregator();
        var host = builder.Build();
        LogContext.ConfigureCurrentLogContext(host.Services.GetRequiredService<ILoggerFactory>());
        await AggregatorRegistration.PrepareStorage(host.Services);
        await host.StartAsync();
        return host;
    }

    private Task Until(Func<FedQueueDbContext, Task<bool>> condition) => Eventually.Holds(() => Read(condition), () => string.Join('\n', services.Programs.Select(p => p.Error)));

    private async Task<T> Read<T>(Func<FedQueueDbContext, Task<T>> query)
    {
        await using var scope = aggregator!.Services.CreateAsyncScope();
        return await query(scope.ServiceProvider.GetRequiredService<FedQueueDbContext>());
    }

    private sealed class SteppedClock : TimeProvider
    {
        private long offset;

        public TimeSpan Offset
        {
            get => TimeSpan.FromTicks(Interlocked.Read(ref offset));
            set => Interlocked.Exchange(ref offset, value.Ticks);
        }

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Offset;
    }
}
