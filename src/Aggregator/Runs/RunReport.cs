using System.Globalization;
using FedQueue.Aggregator.Storage;
using FedQueue.Contracts;
using Microsoft.Extensions.Options;

namespace FedQueue.Aggregator.Runs;

/// <summary>The final table of a run, the same text in the aggregator's log and in the terminal of <c>simulate</c>.</summary>
internal sealed class RunReport(IServiceScopeFactory scopes, IOptions<StorageOptions> storage, ILogger<RunReport> log)
{
    public async Task LogEnd(string runId, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<FedQueueDbContext>();
        // What the database says, whoever sent the message.
        if (await db.Queries.Run(db, runId, cancellationToken) is not { HasEnded: true } || await RunSummary.Load(db, runId, cancellationToken) is not { } run)
            return;

        if (run.Reason is not null)
        {
            if (run.Status == "cancelled")
                log.RunCancelled(run.Id, run.Reason);
            else
                log.RunFailed(run.Id, run.Reason);
            return;
        }

        log.RunCompleted(run.Id, storage.Value.ModelPath(run.Id));
        foreach (var line in Lines(run))
            log.ReportLine(line);
        foreach (var warning in run.Warnings)
            log.ModelDoubtful(run.Id, warning);
    }

    /// <summary>The global model's held-out errors by round in the target's own unit: over all participants, then of the single ones.</summary>
    /// <param name="run">The run.</param>
    /// <param name="width">Most characters of a line.</param>
    /// <param name="last">Only so many of the newest models; null: all.</param>
    public static IEnumerable<string> Lines(RunSummary run, int width = int.MaxValue, int? last = null)
    {
        var columns = ErrorColumns.Of(run.Models);
        yield return $"Global model on held-out windows, run {run.Id}, seed {run.Seed} (MSE, MAE and RMSE over all participants, weighted by windows; {columns.Description})";
        var rows = run.Models.TakeLast(last ?? int.MaxValue).Select(model => (IReadOnlyList<string>)
        [
            model.Round.ToString(CultureInfo.InvariantCulture), Figure.Of(model.Mse), Figure.Of(model.Mae), Figure.Of(model.Rmse), .. columns.Cells(model),
        ]);
        foreach (var line in TextTable.Lines([["round", "MSE", "MAE", "RMSE", .. columns.Headers], .. rows], width))
            yield return line;
        yield return $"SHA-256 of the final weights: {run.WeightsSha256}";
    }
}
