using MassTransit;
using Microsoft.EntityFrameworkCore;

namespace FedQueue.Aggregator.Storage;

/// <summary>
/// Publishes what is committed, in order, at least once: a row is deleted only after the broker has confirmed it. Rows that a
/// crash left behind go out first after the restart.
/// </summary>
internal sealed class OutboxRelay(IServiceScopeFactory scopes, IBus bus, OutboxSignal signal, ILogger<OutboxRelay> log)
    : BackgroundService
{
    private const int BatchSize = 50;

    /// <summary>Longest time until a row is seen whose signal was lost with the process that committed it.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan PauseAfterError = TimeSpan.FromSeconds(2);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (await PublishBatch(stoppingToken) == 0)
                    await signal.Wait(LongestWait, stoppingToken);
            }
            catch (Exception exception) when (exception is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
            {
                // Broker or database is away: the rows stay, and so does their order.
                log.OutboxPaused(exception, PauseAfterError);
                await Task.Delay(PauseAfterError, stoppingToken);
            }
        }
    }

    /// <returns>Number of messages published; 0 when the outbox is empty.</returns>
    internal async Task<int> PublishBatch(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<FedQueueDbContext>();
        var rows = await db.Outbox.AsNoTracking().OrderBy(row => row.Id).Take(BatchSize).ToListAsync(cancellationToken);

        foreach (var row in rows)
        {
            await Publish(row, cancellationToken);
            await db.Outbox.Where(r => r.Id == row.Id).ExecuteDeleteAsync(cancellationToken);
        }

        return rows.Count;
    }

    private async Task Publish(OutboxRow row, CancellationToken cancellationToken)
    {
        var (message, type) = row.Read();
        if (row.Queue is null)
        {
            await bus.Publish(message, type, Pipe.Execute<PublishContext>(context => context.MessageId = row.MessageId), cancellationToken);
            return;
        }

        // To the exchange in front of the queue: an address of the queue itself would declare it anew, with other arguments
        // than the worker's, and the broker would refuse that.
        var queue = await bus.GetSendEndpoint(new Uri($"exchange:{row.Queue}"));
        await queue.Send(message, type, Pipe.Execute<SendContext>(context => context.MessageId = row.MessageId), cancellationToken);
    }
}
