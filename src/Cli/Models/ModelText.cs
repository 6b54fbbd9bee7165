using System.Globalization;
using FedQueue.Aggregator.Models;
using FedQueue.Contracts;

namespace FedQueue.Cli.Models;

internal static class ModelText
{
    public static IEnumerable<string> Lines(TrainedModel model)
    {
        var (facts, columns) = (model.Facts, model.Facts.Columns);
        yield return $"run       {facts.Run}, {(facts.Round == 0 ? "initial weights" : $"after round {facts.Round}")}, SHA-256 {facts.Sha256}";
        yield return $"model     LSTM of {model.Plan.Layers} × {model.Plan.Units} units, {model.Plan.ParameterCount():N0} parameters";
        yield return $"predicts  {columns.Target}, {columns.Horizon} rows after a window of {columns.Window}{(columns.TargetCap is { } cap ? string.Create(CultureInfo.InvariantCulture, $", at most {cap}") : "")}";
        yield return $"from      {string.Join(", ", columns.Features)}{(columns.Group is null ? "" : $"; a change of {columns.Group} ends a series")}";
        yield return facts.Scaling == Scaling.Federated
            ? $"scaled    by everybody's training rows: {string.Join(", ", (columns.Spans ?? []).Select(span => string.Create(CultureInfo.InvariantCulture, $"{span.Column} {span.Minimum} to {span.Maximum}")))}"
            : "scaled    by each file's own training rows";
        yield return facts.Error is { } error
            ? string.Create(CultureInfo.InvariantCulture, $"errors    RMSE {error.RootMeanSquaredError():0.0000}, MAE {error.MeanAbsoluteError:0.0000} on {error.WindowCount} held-out windows of the participants")
            : "errors    nobody has evaluated it";
    }
}
