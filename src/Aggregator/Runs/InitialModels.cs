using System.Threading.Channels;
using FedQueue.Aggregator.Participants;
using FedQueue.Aggregator.Storage;
using FedQueue.Contracts;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace FedQueue.Aggregator.Runs;

/// <summary>
/// Draws the initial weights of large models before their runs start, while everything else goes on: it takes up to minutes, in which nobody else could write if the transaction
/// that starts the run did it.
/// </summary>
internal sealed class InitialModels(
    IServiceScopeFactory scopes, IOptions<ParticipantOptions> options, StorageOutage outage, TimeProvider clock, ILogger<InitialModels> log) : BackgroundService
{
    /// <summary>Parameters that are drawn in the time of a few messages.</summary>
    private const long Small = 250_000;

    private static readonly TimeSpan PauseAfterError = TimeSpan.FromSeconds(1);

    private readonly Channel<string> asked = Channel.CreateUnbounded<string>();
    private readonly HashSet<string> waiting = [];

    /// <summary>Called, inside a transaction, when a run could start.</summary>
    /// <returns>False when its weights are drawn first; the run is then started afterwards.</returns>
    public async Task<bool> AreThere(FedQueueDbContext db, RunRow run, RunPlan plan, CancellationToken cancellationToken)
    {
        if (await db.Models.AnyAsync(m => m.RunId == run.Id && m.Round == 0, cancellationToken))
            return true;
        if (plan.Model().Size() <= Small)
        {
            await ModelRow.AddInitial(db, run.Id, plan.Model(), plan.Seed, options.Value.PartLength, cancellationToken);
            return true;
        }

        lock (waiting)
            if (waiting.Add(run.Id))
                asked.Writer.TryWrite(run.Id);
        return false;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var runId in asked.Reader.ReadAllAsync(stoppingToken))
        {
            lock (waiting)
                waiting.Remove(runId);
            for (var done = false; !done;)
            {
                await using var scope = scopes.CreateAsyncScope();
                var db = scope.ServiceProvider.GetRequiredService<FedQueueDbContext>();
                try
                {
                    await Draw(runId, db, scope.ServiceProvider.GetRequiredService<RunStart>(), stoppingToken);
                    done = true;
                }
                catch (Exception exception) when (StorageOutage.IsStorageProblem(exception) && !stoppingToken.IsCancellationRequested)
                {
                    outage.Failed(db, exception);
                    await Task.Delay(PauseAfterError, clock, stoppingToken);
                }
            }
        }
    }

    private async Task Draw(string runId, FedQueueDbContext db, RunStart runStart, CancellationToken cancellationToken)
    {
        if (await db.Runs.AsNoTracking().SingleOrDefaultAsync(r => r.Id == runId, cancellationToken) is not { Status: RunStatus.Waiting } run)
            return;

        var (model, seed) = (run.Plan().Model(), run.Plan().Seed);
        log.DrawsInitialWeights(runId, model.Size());
        var parts = await Task.Run(() => ModelRow.InitialParts(model, seed, options.Value.PartLength, cancellationToken), cancellationToken);
        try
        {
            await db.Transact(async () =>
            {
                // Meanwhile it may have been cancelled, given another plan, or another aggregator was faster.
                if (await db.Runs.FindAsync([runId], cancellationToken) is not { Status: RunStatus.Waiting } now || now.Plan().Model() != model || now.Plan().Seed != seed
                    || await db.Models.AnyAsync(m => m.RunId == runId && m.Round == 0, cancellationToken))
                    return;
                await ModelRow.Add(db, runId, 0, model.ParameterCount() * sizeof(float), parts.Select(part => (ReadOnlyMemory<byte>)part.Memory).ToAsyncEnumerable(), cancellationToken);
                await runStart.TryStartNext(cancellationToken);
            }, cancellationToken);
        }
        finally
        {
            foreach (var part in parts)
                part.Dispose();
        }
    }
}
