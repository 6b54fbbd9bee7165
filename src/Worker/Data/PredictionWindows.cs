using FedQueue.Contracts;

namespace FedQueue.Worker.Data;

/// <summary>
/// Every window of a file, also those whose label lies beyond its end, scaled as training scales: by the spans of the plan, or by the file's
/// own training rows.
/// </summary>
internal sealed class PredictionWindows
{
    private readonly ColumnRange target;

    private PredictionWindows(ParticipantTable table, IReadOnlyList<(int End, int Next)> ends)
    {
        target = ParticipantWindows.Shared(table, table.Columns.Target) ?? table.TargetRange(table.TrainingRows);
        var (window, features) = (table.Columns.Window, table.Columns.Features.Count);
        var scaled = ParticipantWindows.ScaleFeatures(table);
        Inputs = new float[ends.Count * window * features];
        foreach (var (end, index) in ends.Select((window, index) => (window.End, index)))
            Array.Copy(scaled, (end - window + 1) * features, Inputs, index * window * features, window * features);
        LabelRows = [.. ends.Select(window => window.End + table.Columns.Horizon)];
        Actual = [.. ends.Select(window => window.End + table.Columns.Horizon < window.Next ? table.Target[window.End + table.Columns.Horizon] : (double?)null)];
    }

    /// <summary>Scaled inputs, row-major [windows × window × features], in the order of the file.</summary>
    public float[] Inputs { get; }

    /// <summary>Row that each window predicts, from 0; at a series' end rows that are not in it.</summary>
    public IReadOnlyList<int> LabelRows { get; }

    /// <summary>Label of each window in the target's unit, capped; null where the series ends before it.</summary>
    public IReadOnlyList<double?> Actual { get; }

    /// <exception cref="DataException">No series is as long as a window, or there are no training rows to scale by.</exception>
    public static PredictionWindows From(ParticipantTable table)
    {
        List<(int End, int Next)> ends = [];
        for (var series = 0; series < table.SeriesStarts.Count; series++)
        {
            var next = series + 1 < table.SeriesStarts.Count ? table.SeriesStarts[series + 1] : table.Rows;
            for (var end = table.SeriesStarts[series] + table.Columns.Window - 1; end < next; end++)
                ends.Add((end, next));
        }

        if (ends.Count == 0)
            throw new DataException($"{table.Path}: {table.Rows} rows in {table.SeriesStarts.Count} series give no window of {table.Columns.Window} rows, which the model needs; add rows.");
        return table.Columns.Spans is null && table.TrainingRows == 0
            ? throw new DataException($"{table.Path}: {table.Rows} rows are too few to scale by; add rows, or use a model with federated scaling.")
            : new(table, ends);
    }

    /// <summary>A scaled prediction in the target's unit.</summary>
    public double ToTargetUnit(float scaled) => target.Unscale(scaled);
}
