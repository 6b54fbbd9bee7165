using System.Globalization;
using FedQueue.Aggregator;
using FedQueue.Aggregator.Rounds;
using FedQueue.Aggregator.Runs;
using FedQueue.Contracts;
using FedQueue.Worker;
using MassTransit;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace FedQueue.Cli.Simulation;

/// <summary>The registrations of the services on an in-memory queue.</summary>
internal static class SimulationHost
{
    public static IHost Build(RunFolder folder, string dataDirectory, RunPlan plan, IReadOnlyList<string> participants, Action<IServiceCollection>? register)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["FedQueue:Transport"] = "InMemory",
            ["FedQueue:Storage:Database"] = folder.Database,
            ["FedQueue:Worker:DataDirectory"] = Path.GetFullPath(dataDirectory),
            ["FedQueue:Worker:Files"] = string.Join(',', participants),
            // All of it is on this machine anyway.
            ["FedQueue:Worker:SharePredictions"] = "true",
            ["FedQueue:Worker:RangesDirectory"] = folder.Ranges,
            // A file is read twice for its spans.
            ["FedQueue:Worker:ShareSpans"] = plan.Scaling == Scaling.Federated ? "true" : "false",
            ["FedQueue:Worker:Slots"] = participants.Count.ToString(CultureInfo.InvariantCulture),
        });
        builder.Configuration.AddTelemetrySettings();
        builder.Logging.AddFedQueueConsole().SetMinimumLevel(LogLevel.Warning);

        // The command itself says why its host has ended, in a sentence.
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);

        // So does the view say what makes a model doubtful.
        builder.Logging.AddFilter(typeof(CompleteRound).FullName, LogLevel.Error).AddFilter(typeof(RunReport).FullName, LogLevel.Error);

        builder.Services.AddFedQueueTelemetry(builder.Configuration, "fedqueue-simulate");

        // The command listens for Ctrl+C; the host's own listener would take the signal away from it.
        builder.Services.AddSingleton<IHostLifetime, NoSignals>();
        builder.Services.AddSingleton<RunFeed>();
        builder.Services.AddFedQueueBus(builder.Configuration, bus =>
        {
            bus.AddRounds();
            bus.AddConsumer<RunFeedConsumer>();
        });
        builder.Services.AddAggregator();
        builder.Services.AddWorker();
        register?.Invoke(builder.Services);
        return builder.Build();
    }

    private sealed class NoSignals : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
