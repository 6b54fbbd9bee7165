using FedQueue.Contracts;

namespace FedQueue.Worker.Data;

/// <summary>
/// A participant's windows and labels, scaled to [0, 1] with the ranges of the training rows, its own or everybody's as the plan
/// says, so that held-out values may lie outside. A window ends at row e and its label is the target of row e + horizon, both within one series.
/// </summary>
internal sealed class ParticipantWindows
{
    private const long MaxBytes = 2L << 30;

    private readonly ColumnRange target;

    private ParticipantWindows(ParticipantTable table, ColumnRanges ranges, int[] trainingEnds, int[] heldOutEnds)
    {
        Window = table.Columns.Window;
        Features = table.Columns.Features.Count;
        TrainingCount = trainingEnds.Length;
        HeldOutCount = heldOutEnds.Length;
        (target, HasTask) = (ranges.Target, !table.TargetRange(table.TrainingRows).IsConstant);

        var horizon = table.Columns.Horizon;
        var scaled = ranges.Scale(table);
        TrainingInputs = CutInputs(scaled, trainingEnds, table.Columns);
        HeldOutInputs = CutInputs(scaled, heldOutEnds, table.Columns);
        TrainingLabels = [.. trainingEnds.Select(end => target.Scale(table.Target[end + horizon]))];
        HeldOutLabels = [.. heldOutEnds.Select(end => target.Scale(table.Target[end + horizon]))];
        HeldOutActual = [.. heldOutEnds.Select(end => table.Target[end + horizon])];
        HeldOutLast = horizon == 0 ? null : [.. heldOutEnds.Select(end => table.Target[end])];
    }

    /// <summary>The windows of all, in their order; each stays scaled as it was.</summary>
    private ParticipantWindows(IReadOnlyList<ParticipantWindows> all)
    {
        (Window, Features, target, HasTask) = (all[0].Window, all[0].Features, all[0].target, true);
        TrainingInputs = [.. all.SelectMany(own => own.TrainingInputs)];
        TrainingLabels = [.. all.SelectMany(own => own.TrainingLabels)];
        HeldOutInputs = [.. all.SelectMany(own => own.HeldOutInputs)];
        HeldOutLabels = [.. all.SelectMany(own => own.HeldOutLabels)];
        HeldOutActual = [.. all.SelectMany(own => own.HeldOutActual)];
        (TrainingCount, HeldOutCount) = (TrainingLabels.Length, HeldOutLabels.Length);
    }

    /// <summary>Windows whose label is one of the training rows, at least 1.</summary>
    public int TrainingCount { get; }

    /// <summary>Windows whose label is a later row, at least 1; their inputs may reach back over the split.</summary>
    public int HeldOutCount { get; }

    /// <summary>Rows of a window.</summary>
    public int Window { get; }

    /// <summary>Features of a row.</summary>
    public int Features { get; }

    /// <summary>Scaled inputs, row-major [TrainingCount × Window × Features], in time order.</summary>
    public float[] TrainingInputs { get; }

    /// <summary>Scaled labels [TrainingCount].</summary>
    public float[] TrainingLabels { get; }

    /// <summary>Scaled inputs, row-major [HeldOutCount × Window × Features], in time order.</summary>
    public float[] HeldOutInputs { get; }

    /// <summary>Scaled labels [HeldOutCount].</summary>
    public float[] HeldOutLabels { get; }

    /// <summary>Labels [HeldOutCount] in the target's unit, capped.</summary>
    public double[] HeldOutActual { get; }

    /// <summary>Target at each held-out window's last row, in its unit; null with horizon 0, where that is the label itself.</summary>
    public double[]? HeldOutLast { get; }

    /// <summary>What a scaled 0 is in the target's unit.</summary>
    public double TargetMin => target.Minimum;

    /// <summary>What a scaled 1 is in the target's unit; equal to <see cref="TargetMin"/> when the target never changes.</summary>
    public double TargetMax => target.Maximum;

    /// <summary>The target changes in the training rows, so there is something to learn.</summary>
    public bool HasTask { get; }

    /// <summary>Cuts a table into windows.</summary>
    /// <param name="table">Training and held-out rows.</param>
    /// <param name="ranges">By which it is scaled; null: <see cref="ColumnRanges.Of"/> the table.</param>
    /// <exception cref="DataException">Not one training and one held-out window, or more than 2 GiB of windows.</exception>
    public static ParticipantWindows From(ParticipantTable table, ColumnRanges? ranges = null)
    {
        var ends = EndsOf(table);
        if (Problem(table, ends) is { } problem)
            throw new DataException(problem);
        return new(table, ranges ?? ColumnRanges.Of(table), [.. ends[true]], [.. ends[false]]);
    }

    /// <returns>Why the table gives no windows to train and to evaluate on, as a sentence; null when it does.</returns>
    public static string? Problem(ParticipantTable table) => Problem(table, EndsOf(table));

    private static string? Problem(ParticipantTable table, ILookup<bool, int> ends)
    {
        var columns = table.Columns;
        var (training, heldOut) = (ends[true].Count(), ends[false].Count());
        if (training == 0 || heldOut == 0)
            return $"{table.Path}: {table.Rows} rows in {table.SeriesStarts.Count} series give {training} training and "
                + $"{heldOut} held-out windows of {columns.Window} rows with horizon {columns.Horizon}, and one of each is needed; "
                + "add rows, or choose a shorter window.";
        return (long)(training + heldOut) * columns.Window * columns.Features.Count * sizeof(float) <= MaxBytes
            ? null
            : $"{table.Path}: {training + heldOut} windows of {columns.Window} rows and {columns.Features.Count} features "
                + "take more than 2 GiB; choose a shorter window, fewer features or fewer rows.";
    }

    /// <summary>Last rows of the training windows (true) and of the held-out ones.</summary>
    private static ILookup<bool, int> EndsOf(ParticipantTable table) =>
        WindowEnds(table).ToLookup(end => end + table.Columns.Horizon < table.TrainingRows);

    /// <summary>
    /// What somebody would train on who had everybody's data, at least one participant's. Its errors have no unit: the participants scale
    /// differently.
    /// </summary>
    public static ParticipantWindows Together(IReadOnlyList<ParticipantWindows> all) => new(all);

    /// <summary>A scaled value in the target's unit.</summary>
    public double ToTargetUnit(float scaled) => target.Unscale(scaled);

    /// <summary>Errors of predictions for the held-out windows, in the target's unit.</summary>
    /// <param name="scaledPredictions">The model's outputs [HeldOutCount], in the order of <see cref="HeldOutInputs"/>.</param>
    public HeldOutError ErrorOf(ReadOnlySpan<float> scaledPredictions)
    {
        var predictions = new double[scaledPredictions.Length];
        for (var window = 0; window < predictions.Length; window++)
            predictions[window] = ToTargetUnit(scaledPredictions[window]);
        return ErrorOf(predictions);
    }

    /// <summary>The newest held-out windows' labels beside predictions, in the target's unit.</summary>
    /// <param name="scaledPredictions">The model's outputs [HeldOutCount].</param>
    public Forecast ForecastOf(ReadOnlySpan<float> scaledPredictions)
    {
        var first = Math.Max(0, HeldOutCount - Forecast.MostWindows);
        var (actual, predicted) = (new float[HeldOutCount - first], new float[HeldOutCount - first]);
        for (var window = first; window < HeldOutCount; window++)
            (actual[window - first], predicted[window - first]) = ((float)HeldOutActual[window], (float)ToTargetUnit(scaledPredictions[window]));
        return new Forecast { Actual = WeightBytes.From(actual), Predicted = WeightBytes.From(predicted) };
    }

    /// <summary>Errors of predictions [HeldOutCount] that are in the target's unit.</summary>
    public HeldOutError ErrorOf(ReadOnlySpan<double> predictions)
    {
        if (predictions.Length != HeldOutCount)
            throw new ArgumentException($"{predictions.Length} predictions for {HeldOutCount} held-out windows.", nameof(predictions));

        double squares = 0, absolutes = 0;
        for (var window = 0; window < HeldOutCount; window++)
        {
            var error = predictions[window] - HeldOutActual[window];
            squares += error * error;
            absolutes += Math.Abs(error);
        }
        return new HeldOutError
        {
            WindowCount = HasTask ? HeldOutCount : 0,
            MeanSquaredError = squares / HeldOutCount,
            MeanAbsoluteError = absolutes / HeldOutCount,
        };
    }

    /// <summary>Last rows of all windows that, with their label, lie within one series.</summary>
    private static IEnumerable<int> WindowEnds(ParticipantTable table)
    {
        foreach (var (start, next) in table.Series)
            for (var end = start + table.Columns.Window - 1; end + table.Columns.Horizon < next; end++)
                yield return end;
    }

    /// <summary>The rows of windows one after the other.</summary>
    /// <param name="scaled">Row-major [rows × features].</param>
    /// <param name="ends">Last row of each window.</param>
    /// <param name="columns">How long a window is, and how wide.</param>
    internal static float[] CutInputs(float[] scaled, IReadOnlyList<int> ends, ColumnPlan columns)
    {
        var (features, length) = (columns.Features.Count, columns.Window * columns.Features.Count);
        var inputs = new float[ends.Count * length];
        for (var window = 0; window < ends.Count; window++)
            Array.Copy(scaled, (ends[window] - columns.Window + 1) * features, inputs, window * length, length);
        return inputs;
    }
}
