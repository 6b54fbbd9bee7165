using System.Globalization;
using FedQueue.Aggregator.Models;
using FedQueue.Contracts;

namespace FedQueue.Cli.Models;

internal static class ModelText
{
    /// <param name="model">What to describe.</param>
    /// <param name="ranges">Participants whose ranges lie beside it.</param>
    public static IEnumerable<string> Lines(TrainedModel model, IReadOnlyList<string> ranges)
    {
        var (facts, columns) = (model.Facts, model.Facts.Columns);
        yield return $"run       {facts.Run}, {(facts.Round == 0 ? "initial weights" : $"after round {facts.Round}")}, SHA-256 {facts.Sha256}";
        yield return $"model     LSTM of {model.Plan.Layers} × {model.Plan.Units} units, {model.Plan.ParameterCount():N0} parameters";
        yield return $"predicts  {columns.Target}, {columns.Horizon} rows after a window of {columns.Window}{(columns.TargetCap is { } cap ? string.Create(CultureInfo.InvariantCulture, $", at most {cap}") : "")}";
        yield return $"from      {string.Join(", ", columns.Features)}{(columns.Group is null ? "" : $"; a change of {columns.Group} ends a series")}";
        yield return facts.Scaling == Scaling.Federated
            ? $"scaled    by everybody's training rows: {string.Join(", ", (columns.Spans ?? []).Select(span => $"{span.Column} {Figure.OfData(span.Minimum)} to {Figure.OfData(span.Maximum)}"))}"
            : $"scaled    by each participant's own training rows{(ranges.Count == 0 ? "" : $"; known are those of {NameList.Of(ranges)}")}";
        yield return facts.Error is { } error
            ? $"errors    RMSE {Figure.Of(error.RootMeanSquaredError())}, MAE {Figure.Of(error.MeanAbsoluteError)} on {error.WindowCount} held-out windows of the participants"
            : "errors    nobody has evaluated it";
    }
}
