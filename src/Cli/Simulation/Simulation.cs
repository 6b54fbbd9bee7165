using System.Diagnostics;
using System.Globalization;
using FedQueue.Aggregator;
using FedQueue.Aggregator.Runs;
using FedQueue.Aggregator.Storage;
using FedQueue.Contracts;
using FedQueue.Worker;
using FedQueue.Worker.Data;
using MassTransit;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace FedQueue.Cli.Simulation;

/// <summary>One federation in one process: the registrations of the services on an in-memory queue, and somebody who watches.</summary>
internal sealed class Simulation(
    StartRun run, IReadOnlyList<ParticipantSource> participants, IReadOnlyList<string> notes, string dataDirectory, string output, bool json)
{
    private readonly string folder = Path.GetFullPath(Path.Combine(output, run.RunId));

    /// <returns>The exit status.</returns>
    public async Task<int> Run(CancellationToken interrupted)
    {
        var started = Stopwatch.StartNew();
        using var host = Build();
        try
        {
            await Startup.Check(host.Services, AggregatorRegistration.PrepareStorage);
        }
        catch (Exception exception) when (Startup.IsAboutSettings(exception))
        {
            Console.Error.WriteLine(Startup.SentenceOf(exception));
            return ExitStatus.Usage;
        }

        await host.StartAsync(CancellationToken.None);

        using var view = RunView.For(run, participants, json);
        foreach (var note in notes)
            view.Say($"  note: {note}");
        RunSummary? summary = null;
        try
        {
            interrupted.ThrowIfCancellationRequested();
            await host.Services.GetRequiredService<IBus>().Publish(run, CancellationToken.None);
            summary = await Watch(host.Services, view, interrupted);
        }
        catch (OperationCanceledException) when (interrupted.IsCancellationRequested)
        {
            // Said below, once nothing is written any more.
        }

        await host.StopAsync(CancellationToken.None);
        if (summary is null)
        {
            view.Say($"Interrupted. What was stored of the run is in {folder}.");
            return ExitStatus.Interrupted;
        }

        var model = host.Services.GetRequiredService<IOptions<StorageOptions>>().Value.ModelPath(run.RunId);
        view.ShowEnd(summary, model);
        if (json)
            Console.Out.WriteLine(ResultJson.Of(summary, participants.Count, started.Elapsed, model));
        return summary.Reason is null ? ExitStatus.Done : ExitStatus.Failed;
    }

    /// <summary>Shows what happens until the run has ended.</summary>
    private async Task<RunSummary> Watch(IServiceProvider services, RunView view, CancellationToken interrupted)
    {
        await foreach (var message in services.GetRequiredService<RunFeed>().ReadAll(interrupted))
        {
            switch (message)
            {
                case TrainingProgressed progress:
                    view.Progress(progress);
                    break;
                case RoundCompleted completed:
                    view.RoundDone(completed.Round, await Load());
                    break;
                case RunCompleted or RunFailed:
                    return await Load();
            }
        }

        throw new InvalidOperationException("The feed of the run ended before the run.");

        async Task<RunSummary> Load()
        {
            await using var scope = services.CreateAsyncScope();
            var db = scope.ServiceProvider.GetRequiredService<FedQueueDbContext>();
            return await RunSummary.Load(db, run.RunId, interrupted)
                ?? throw new InvalidOperationException($"Run {run.RunId} is not in {folder}.");
        }
    }

    private IHost Build()
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["FedQueue:Transport"] = "InMemory",
            ["FedQueue:Storage:Database"] = Path.Combine(folder, "fedqueue.db"),
            ["FedQueue:Worker:DataDirectory"] = Path.GetFullPath(dataDirectory),
            ["FedQueue:Worker:Files"] = string.Join(',', participants.Select(p => p.Participant)),
            ["FedQueue:Worker:Slots"] = participants.Count.ToString(CultureInfo.InvariantCulture),
        });
        builder.Logging.AddFedQueueConsole().SetMinimumLevel(LogLevel.Warning);

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
        return builder.Build();
    }

    private sealed class NoSignals : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
