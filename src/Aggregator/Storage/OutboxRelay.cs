using FedQueue.Contracts;
using Microsoft.EntityFrameworkCore;

namespace FedQueue.Aggregator.Storage;

/// <summary>
/// Publishes what is committed, in order, at least once: a row is deleted only after the broker has confirmed it, and those of one batch together. Rows that a
/// crash left behind go out first after the restart, or are sent by another aggregator.
/// </summary>
internal sealed class OutboxRelay(
    IServiceScopeFactory scopes, IOutgoing outgoing, GlobalWeights weights, OutboxSignal signal, StorageOutage outage, TimeProvider clock, ILogger<OutboxRelay> log) : BackgroundService
{
    private const int BatchSize = 50;

    private readonly RareLines lines = new(clock);

    /// <summary>Longest time until a row is seen whose signal was lost with the process that committed it.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan PauseAfterError = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            await using var scope = scopes.CreateAsyncScope();
            var db = scope.ServiceProvider.GetRequiredService<FedQueueDbContext>();
            try
            {
                if (await PublishBatch(db, stoppingToken) == 0)
                    await signal.Wait(LongestWait, stoppingToken);
            }
            catch (Exception exception) when (exception is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
            {
                // Broker or database is away: the rows stay, and so does their order.
                if (StorageOutage.IsStorageProblem(exception))
                    outage.Failed(db, exception);
                else if (lines.MaySay("paused", out var since))
                    log.OutboxPaused(exception, PauseAfterError, RareLines.Meanwhile(since));
                await Task.Delay(PauseAfterError, stoppingToken);
            }
        }
    }

    /// <returns>Number of messages published; 0 when there is none, or another aggregator is at it.</returns>
    internal async Task<int> PublishBatch(FedQueueDbContext db, CancellationToken cancellationToken)
    {
        await using var turn = await db.TakeOutbox(cancellationToken);
        if (turn is null)
            return 0;

        // In turn with the writers: what can be read was then counted as written, and the flush brings it to the disk first.
        List<OutboxRow> rows = [];
        await db.Write(async () => rows = await db.Queries.Outbox(db, BatchSize).ToListAsync(cancellationToken), cancellationToken);
        await db.UntilDurable(cancellationToken);
        var published = 0;
        try
        {
            foreach (var row in rows)
            {
                var message = await weights.Complete(db, row.Read(), cancellationToken);
                await outgoing.Publish(message, row.MessageId, row.Queue, cancellationToken);
                published++;
            }
        }
        catch (OutgoingException) when (published > 0)
        {
            await Forget(rows[published - 1]);
            throw;
        }

        if (published > 0)
            await Forget(rows[^1]);
        return rows.Count;

        // A deletion that is lost sends the messages again.
        Task Forget(OutboxRow last) =>
            db.Write(() => db.Database.ExecuteSqlAsync($"DELETE FROM \"Outbox\" WHERE \"Id\" <= {last.Id}", cancellationToken), cancellationToken);
    }
}
