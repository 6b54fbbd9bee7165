using System.Text.Json;
using FedQueue.Aggregator.Runs;

namespace FedQueue.Cli.Simulation;

/// <summary>The last line of standard output under <c>--json</c>.</summary>
internal static class ResultJson
{
    public static string Of(RunSummary run, int participants, TimeSpan elapsed, string model)
    {
        var newest = run.Models.Count > 0 ? run.Models[^1] : null;
        return JsonSerializer.Serialize(new
        {
            run = run.Id,
            status = run.Status,
            reason = run.Reason,
            rounds = run.Rounds,
            participants,
            weightsSha256 = run.WeightsSha256,
            mse = newest?.Mse,
            mae = newest?.Mae,
            rmse = newest?.Rmse,
            seconds = Math.Round(elapsed.TotalSeconds, 3),
            model = File.Exists(model) ? model : null,
        });
    }
}
