using System.Globalization;
using System.Net;
using System.Text;
using FedQueue.Aggregator.Runs;
using FedQueue.Contracts;

namespace FedQueue.Cli.Simulation.Reports;

/// <summary>A completed run as one HTML page with its charts, which needs nothing else and can be sent to somebody.</summary>
internal static class RunReportFile
{
    private const int MostLines = 6;
    private const int MostWindows = 200;

    private const string Style = """
        :root { color-scheme: light dark; --line: color-mix(in srgb, currentColor 20%, transparent); }
        body { font-family: system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; line-height: 1.45; }
        table { border-collapse: collapse; margin: .5rem 0; display: block; overflow-x: auto; }
        th, td { padding: .25rem .7rem; text-align: right; border-bottom: 1px solid var(--line); font-variant-numeric: tabular-nums; }
        th:first-child, td:first-child { text-align: left; }
        svg { width: 100%; height: auto; } svg text { fill: currentColor; font-size: 12px; } .grid { stroke: var(--line); }
        .legend { display: flex; flex-wrap: wrap; gap: 1rem; margin: 0; font-size: .9rem; } .legend i { display: inline-block; width: 1.2rem; height: .25rem; margin-right: .4rem; vertical-align: middle; }
        code { overflow-wrap: anywhere; }
        """;

    /// <summary>Writes <c>RUN.html</c>.</summary>
    /// <param name="folder">Made when it is missing.</param>
    /// <param name="run">A completed run.</param>
    /// <param name="comparison">What it stands beside; null when nothing was compared.</param>
    /// <param name="forecasts">What the final model predicts on held-out windows.</param>
    /// <returns>Full path of the file.</returns>
    /// <exception cref="StartupException">It cannot be written.</exception>
    public static string Write(string folder, RunSummary run, RunComparison? comparison, IReadOnlyList<RunForecast> forecasts)
    {
        var path = Path.GetFullPath(Path.Combine(folder, $"{run.Id}.html"));
        try
        {
            Directory.CreateDirectory(folder);
            File.WriteAllText(path, Page(run, comparison, forecasts));
            return path;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new StartupException($"{path} cannot be written ({exception.Message.TrimEnd('.')}); check permissions and room, or name another folder with --report.");
        }
    }

    internal static string Page(RunSummary run, RunComparison? comparison, IReadOnlyList<RunForecast> forecasts)
    {
        var (plan, target) = (run.Plan, run.Plan.Columns.Target);
        var html = new StringBuilder();
        html.AppendLine($"""<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>FedQueue run {Encoded(run.Id)}</title><style>{Style}</style></head><body>""");
        html.AppendLine($"<h1>Run {Encoded(run.Id)}</h1>");
        html.AppendLine(CultureInfo.InvariantCulture,
            $"<p>{run.Participants.Count} participants, {plan.Rounds} rounds of {plan.Training.Epochs} epochs, {Encoded(plan.Rule)}, seed {plan.Seed}, scaling {plan.Scaling}. LSTM of {plan.Layers} × {plan.Units} units on windows of {plan.Columns.Window} rows, predicting {Encoded(target)} {plan.Columns.Horizon} rows later. SHA-256 of the final weights: <code>{run.WeightsSha256}</code></p>");

        html.AppendLine("<h2>Held-out error of the global model by round</h2>");
        foreach (var warning in run.Warnings)
            html.AppendLine($"<p><strong>{Encoded(warning)}</strong></p>");
        var columns = ErrorColumns.Of(run.Models);
        html.Append(new LineChart("round", $"RMSE, {target}",
        [
            new("weighted", [.. run.Models.Where(m => m.Rmse is not null).Select(m => ((double)m.Round, m.Rmse!.Value))]),
            .. columns.Names.Take(MostLines - 1).Select(name => new ChartLine(
                name, [.. run.Models.SelectMany(m => m.Participants.Where(p => p.Name == name).Select(p => ((double)m.Round, p.Rmse)))])),
        ]).ToSvg());
        html.Append(Table(
            ["round", "MSE", "MAE", "RMSE", .. columns.Headers],
            run.Models.Select(m => (IEnumerable<string>)
            [
                $"{m.Round}", Figure.Of(m.Mse), Figure.Of(m.Mae), Figure.Of(m.Rmse), .. columns.Cells(m),
            ])));

        if (comparison is not null)
        {
            html.AppendLine("<h2>What it was good for</h2>");
            html.Append(Table(
                [$"held-out RMSE, {target}", "weighted", .. columns.Headers],
                comparison.Rows().Select(row => (IEnumerable<string>)
                    [row.Name, Figure.Of(row.Errors.WeightedRmse), .. columns.Cells(row.Errors.RmseOf)])));
        }

        if (forecasts.Count > 0)
            html.AppendLine(CultureInfo.InvariantCulture, $"<h2>Forecasts of the final model on the newest held-out windows, at most {MostWindows}</h2>");
        foreach (var forecast in forecasts)
        {
            html.AppendLine($"<h3>{Encoded(forecast.Participant)}</h3>");
            html.Append(new LineChart("held-out window", target, [new("actual", Points(forecast.Actual)), new("predicted", Points(forecast.Predicted))]).ToSvg());
        }

        return html.AppendLine("</body></html>").ToString();
    }

    private static List<(double X, double Y)> Points(IReadOnlyList<float?> values) =>
        [.. values.TakeLast(MostWindows).Select((value, index) => (Index: index + 1, Value: value)).Where(point => point.Value is not null)
            .Select(point => ((double)point.Index, (double)point.Value!.Value))];

    private static string Table(IEnumerable<string> header, IEnumerable<IEnumerable<string>> rows) =>
        $"<table><thead><tr>{Cells("th", header)}</tr></thead><tbody>{string.Concat(rows.Select(row => $"<tr>{Cells("td", row)}</tr>"))}</tbody></table>{Environment.NewLine}";

    private static string Cells(string tag, IEnumerable<string> cells) => string.Concat(cells.Select(cell => $"<{tag}>{Encoded(cell)}</{tag}>"));

    private static string Encoded(string text) => WebUtility.HtmlEncode(text);
}
