using FedQueue.Aggregator.Storage;
using MassTransit;
using Microsoft.Extensions.Options;

namespace FedQueue.Aggregator.Runs;

/// <summary>Asks for the configured run at every start of the service; a run that the database knows already goes on by itself.</summary>
internal sealed class AutoStart(
    IServiceScopeFactory scopes, IBus bus, IOptions<RunOptions> options, RunReport report, ILogger<AutoStart> log) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!options.Value.AutoStart)
            return;

        var command = options.Value.ToCommand();
        await using var scope = scopes.CreateAsyncScope();
        var known = await scope.ServiceProvider.GetRequiredService<FedQueueDbContext>().Runs.FindAsync([command.RunId], stoppingToken);
        if (known is { HasEnded: true })
        {
            log.RunHadEnded(known.Id);
            await report.LogEnd(known.Id, stoppingToken);
            return;
        }

        await bus.Publish(command, stoppingToken);
    }
}
