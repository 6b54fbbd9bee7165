using FedQueue.Contracts;

namespace FedQueue.Worker.Data;

/// <summary>
/// Every window of a file, also those whose label lies beyond its end or is not known, scaled as the training has scaled. What a file's own rows say of
/// ranges does not matter: the same rows give the same predictions in every file.
/// </summary>
internal sealed class PredictionWindows
{
    private readonly ColumnRange target;

    private PredictionWindows(ParticipantTable table, ColumnRanges ranges, IReadOnlyList<(int End, int Next)> windows)
    {
        var horizon = table.Columns.Horizon;
        target = ranges.Target;
        Inputs = ParticipantWindows.CutInputs(ranges.Scale(table), [.. windows.Select(window => window.End)], table.Columns);
        LabelRows = [.. windows.Select(window => window.End + horizon)];
        Actual = [.. windows.Select(window => window.End + horizon < window.Next && double.IsFinite(table.Target[window.End + horizon]) ? table.Target[window.End + horizon] : (double?)null)];
    }

    /// <summary>Scaled inputs, row-major [windows × window × features], in the order of the file.</summary>
    public float[] Inputs { get; }

    /// <summary>Row that each window predicts, from 0; at a series' end rows that are not in it.</summary>
    public IReadOnlyList<int> LabelRows { get; }

    /// <summary>Label of each window in the target's unit, capped; null where the series ends before it, or the file does not say it.</summary>
    public IReadOnlyList<double?> Actual { get; }

    /// <exception cref="DataException">No series is as long as a window.</exception>
    public static PredictionWindows From(ParticipantTable table, ColumnRanges ranges)
    {
        List<(int End, int Next)> windows =
        [
            .. table.Series.SelectMany(series => Enumerable.Range(series.Start, series.Next - series.Start).Skip(table.Columns.Window - 1).Select(end => (end, series.Next))),
        ];
        if (windows.Count == 0)
            throw new DataException($"{table.Path}: {table.Rows} rows in {table.SeriesStarts.Count} series give no window of {table.Columns.Window} rows, which the model needs; add rows.");
        return new(table, ranges, windows);
    }

    /// <summary>A scaled prediction in the target's unit.</summary>
    public double ToTargetUnit(float scaled) => target.Unscale(scaled);
}
