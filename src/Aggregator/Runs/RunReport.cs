using System.Globalization;
using System.Text;
using FedQueue.Aggregator.Storage;
using Microsoft.Extensions.Options;

namespace FedQueue.Aggregator.Runs;

/// <summary>The final table of a run, the same text in the aggregator's log and in the terminal of <c>simulate</c>.</summary>
internal sealed class RunReport(IServiceScopeFactory scopes, IOptions<StorageOptions> storage, ILogger<RunReport> log)
{
    public async Task LogEnd(string runId, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<FedQueueDbContext>();
        if (await RunSummary.Load(db, runId, cancellationToken) is not { } run)
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
        foreach (var line in Table(run).Split(Environment.NewLine))
            log.ReportLine(line);
    }

    /// <summary>The global model's held-out errors by round in the target's own unit: over all participants, then each one's RMSE.</summary>
    public static string Table(RunSummary run)
    {
        var names = run.Models.SelectMany(m => m.Participants).Select(p => p.Name).Distinct().Order(StringComparer.Ordinal).ToList();
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"Global model on held-out windows, run {run.Id}, seed {run.Seed} (MSE, MAE and RMSE over all participants, weighted by windows; then each one's RMSE)");

        List<string> header = ["round", "MSE", "MAE", "RMSE", .. names];
        var rows = run.Models.Select(model => (List<string>)
        [
            model.Round.ToString(CultureInfo.InvariantCulture),
            Number(model.Mse), Number(model.Mae), Number(model.Rmse),
            .. names.Select(name => Number(model.Participants.FirstOrDefault(p => p.Name == name)?.Rmse)),
        ]).ToList();

        var widths = header.Select((title, column) => Math.Max(title.Length, rows.Max(row => row[column].Length))).ToList();
        foreach (var row in rows.Prepend(header))
            text.AppendLine(string.Join("  ", row.Select((cell, column) => cell.PadLeft(widths[column]))));

        text.Append(CultureInfo.InvariantCulture, $"SHA-256 of the final weights: {run.WeightsSha256}");
        return text.ToString();
    }

    private static string Number(double? value) => value?.ToString("0.0000", CultureInfo.InvariantCulture) ?? "-";
}
