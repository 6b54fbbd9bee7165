using FedQueue.Aggregator;
using FedQueue.Contracts;
using FedQueue.Worker.Training;
using MassTransit;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace FedQueue.Bench.Rounds;

/// <summary>Aggregator and participants of one scenario, registered as the programs do it; only data and trainer are others.</summary>
internal static class Federation
{
    /// <returns>Null when it did not end in time.</returns>
    public static async Task<Measurement?> Run(Scenario scenario, Broker? broker, TimeSpan limit)
    {
        var folder = Directory.CreateTempSubdirectory("fedqueue-bench-");
        try
        {
            return await (broker is null ? InOneProcess(scenario, folder.FullName, limit) : OverBroker(scenario, broker, folder.FullName, limit));
        }
        catch (TimeoutException)
        {
            return null;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<Measurement> InOneProcess(Scenario scenario, string folder, TimeSpan limit)
    {
        GC.Collect();
        var memory = ProcessMemory.OfThisProcess;
        var idle = memory.Now();
        memory.ForgetPeak();

        var settings = scenario.Settings(folder);
        settings["FedQueue:Transport"] = "InMemory";
        using var trainer = new StubTrainer(scenario.Participants);
        using var host = Build(scenario, folder, settings, trainer, withAggregator: true);
        await Startup.Check(host.Services, AggregatorRegistration.PrepareStorage);
        return await Measure(host, trainer, memory, idle, broker: null, limit);
    }

    private static async Task<Measurement> OverBroker(Scenario scenario, Broker broker, string folder, TimeSpan limit)
    {
        await using var aggregator = await AggregatorProcess.Start(
            scenario.Settings(folder).Concat(broker.Settings).ToDictionary());
        var idle = aggregator.Memory.Now();

        using var trainer = new StubTrainer(scenario.Participants);
        using var host = Build(scenario, folder, broker.Settings, trainer, withAggregator: false);
        return await Measure(host, trainer, aggregator.Memory, idle, broker, limit);
    }

    private static async Task<Measurement> Measure(
        IHost host, StubTrainer trainer, ProcessMemory memory, long idle, Broker? broker, TimeSpan limit)
    {
        var watch = host.Services.GetRequiredService<RoundWatch>();
        watch.Memory = memory;
        await host.StartAsync();
        try
        {
            await (await Task.WhenAny(trainer.Everybody, watch.Ended).WaitAsync(limit));
            var before = broker is null ? null : await broker.Bytes();
            trainer.Begin();
            await watch.Ended.WaitAsync(limit);
            var after = broker is null ? null : await broker.Bytes();
            return new Measurement(watch.Rounds, after - before, idle, memory.Peak());
        }
        finally
        {
            trainer.Begin();
            await host.StopAsync();
        }
    }

    private static IHost Build(Scenario scenario, string folder, Dictionary<string, string?> settings, StubTrainer trainer, bool withAggregator)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Configuration.AddInMemoryCollection(settings);
        builder.Logging.AddFedQueueConsole().SetMinimumLevel(LogLevel.Error);
        builder.Services.AddSingleton<RoundWatch>();
        builder.Services.AddFedQueueBus(builder.Configuration, bus =>
        {
            if (withAggregator)
                bus.AddRounds();
            bus.AddConsumer<RoundWatchConsumer, RoundWatchConsumerDefinition>();
        });
        if (withAggregator)
            builder.Services.AddAggregator();
        builder.Services.AddSingleton(new StubData(folder, scenario.Participants));
        builder.Services.AddKeyedSingleton<ITrainer>(Engine.Simd, trainer).AddSingleton<Trainers>().AddSingleton<TrainingMetrics>().AddHostedService<StubWorkers>();
        return builder.Build();
    }
}
