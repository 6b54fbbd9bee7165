using System.Collections.Concurrent;
using FedQueue.Contracts;
using FedQueue.Worker.Training;
using MassTransit;
using Microsoft.Extensions.Options;

namespace FedQueue.Worker.Participants;

/// <summary>Runs as many participant sessions as the process has slots.</summary>
internal sealed class ParticipantHost(
    ParticipantSources sources, IOptions<WorkerOptions> options, IBus bus, IUplink uplink, IReceiveEndpointConnector endpoints, Trainers trainers,
    TrainingMetrics metrics, TimeProvider clock, ILogger<ParticipantSession> log) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var process = WorkerName.New(Environment.MachineName);
        // A thousand claims at once would wait longer for each other than a claim waits for its answer; one at a time would leave processors idle.
        using var claiming = new SemaphoreSlim(Environment.ProcessorCount);
        var held = new ConcurrentDictionary<string, bool>();
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        var sessions = Enumerable.Range(1, options.Value.Slots)
            .Select(slot => options.Value.Slots == 1 ? process : $"{process}-{slot}")
            .Select(workerId => new ParticipantSession(workerId, sources, options.Value, claiming, held, bus, uplink, endpoints, trainers, metrics, clock, log).Run(ending.Token))
            .ToList();

        // A session ends at the stop or by an error. Then all do, instead of going on with a slot less that nobody knows of, and each gives its
        // participant back, for which it needs the bus.
        await Task.WhenAny(sessions);
        await ending.CancelAsync();
        await Task.WhenAll(sessions);
    }
}
