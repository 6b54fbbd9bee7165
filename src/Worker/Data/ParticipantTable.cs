using System.Globalization;
using FedQueue.Contracts;

namespace FedQueue.Worker.Data;

/// <summary>The selected columns of one participant's CSV, in the file's own units.</summary>
internal sealed class ParticipantTable
{
    /// <summary>Caps the target and notes what is odd. The arrays are kept, not copied.</summary>
    /// <param name="path">The file, as messages name it.</param>
    /// <param name="columns">The columns that were read.</param>
    /// <param name="features">Finite values, row-major [rows × features].</param>
    /// <param name="target">Finite values [rows], before the cap.</param>
    /// <param name="seriesStarts">First row of every series, ascending, the first 0.</param>
    /// <param name="notes">What is odd about the file.</param>
    /// <param name="lines">Where the rows stand in it; null: one below the other.</param>
    public ParticipantTable(
        string path, ColumnPlan columns, double[] features, double[] target, IReadOnlyList<int> seriesStarts, IReadOnlyList<string> notes, RowLines? lines = null)
    {
        Path = path;
        Columns = columns;
        Features = features;
        Target = target;
        SeriesStarts = seriesStarts;
        Lines = lines ?? new RowLines();
        var capped = CapTarget();
        IEnumerable<string> cap = capped == 0 ? []
            : [string.Create(CultureInfo.InvariantCulture, $"the target is above its cap of {columns.TargetCap} in {capped} of {Rows} rows")];
        Notes = [.. notes, .. cap, .. DataNotes.Of(this)];
    }

    private ParticipantTable(ParticipantTable table, ColumnPlan columns) =>
        (Path, Columns, Features, Target, SeriesStarts, Lines, Notes) = (table.Path, columns, table.Features, table.Target, table.SeriesStarts, table.Lines, table.Notes);

    /// <summary>The same rows for a plan that differs in the spans alone.</summary>
    public ParticipantTable With(ColumnPlan columns) => new(this, columns);

    /// <summary>The file as it was named.</summary>
    public string Path { get; }

    /// <summary>Which columns were read.</summary>
    public ColumnPlan Columns { get; }

    /// <summary>Values of the features, row-major [Rows × features], all finite.</summary>
    public double[] Features { get; }

    /// <summary>Values of the target [Rows], none above <see cref="ColumnPlan.TargetCap"/>; all finite, but NaN where a file to predict for does not say it.</summary>
    public double[] Target { get; }

    /// <summary>First row of every series, from 0; one entry when the plan has no group.</summary>
    public IReadOnlyList<int> SeriesStarts { get; }

    /// <summary>Each series as its first row and the row after its last.</summary>
    public IEnumerable<(int Start, int Next)> Series =>
        SeriesStarts.Zip(SeriesStarts.Skip(1).Append(Rows));

    /// <summary>Sentences on what is odd but no obstacle, such as columns that are not used or never change.</summary>
    public IReadOnlyList<string> Notes { get; }

    /// <summary>Lines of the rows in the file.</summary>
    public RowLines Lines { get; }

    /// <summary>Number of rows, at least 1.</summary>
    public int Rows => Target.Length;

    /// <summary>The first 80 % of the rows, rounded down: labels and scaling of the training come from these alone.</summary>
    public int TrainingRows => TrainingRowsOf(Rows);

    public static int TrainingRowsOf(int rows) => (int)(rows * 8L / 10);

    /// <summary>Range of a feature over the first rows.</summary>
    public ColumnRange FeatureRange(int feature, int rows) =>
        ColumnRange.Of(Columns.Features[feature], Features, feature, Columns.Features.Count, rows);

    /// <summary>Range of the target, after the cap, over the first rows.</summary>
    public ColumnRange TargetRange(int rows) => ColumnRange.Of(Columns.Target, Target, 0, 1, rows);

    private int CapTarget()
    {
        var capped = 0;
        for (var row = 0; row < Rows; row++)
        {
            if (!(Target[row] > Columns.TargetCap))
                continue;
            Target[row] = Columns.TargetCap.Value;
            capped++;
        }
        return capped;
    }
}
