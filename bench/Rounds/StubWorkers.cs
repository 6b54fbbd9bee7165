using FedQueue.Contracts;
using FedQueue.Worker.Participants;
using FedQueue.Worker.Training;
using MassTransit;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace FedQueue.Bench.Rounds;

/// <summary>The real session of every participant, each with a file of its own as on machines of their own.</summary>
internal sealed class StubWorkers(
    StubData data, IBus bus, IUplink uplink, IReceiveEndpointConnector endpoints, Trainers trainers, TrainingMetrics metrics, ILogger<ParticipantSession> log) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var claiming = new SemaphoreSlim(1);
        var sessions = new List<Task>();
        foreach (var file in data.Files)
        {
            var options = new WorkerOptions { DataFile = file };
            var workerId = $"worker-{Path.GetFileNameWithoutExtension(file)}";
            sessions.Add(new ParticipantSession(
                workerId, new ParticipantSources(Options.Create(options), TimeProvider.System), options, claiming, new(), bus, uplink, endpoints, trainers, metrics, TimeProvider.System, log).Run(stoppingToken));
        }

        await foreach (var session in Task.WhenEach(sessions))
            await session;
    }
}
