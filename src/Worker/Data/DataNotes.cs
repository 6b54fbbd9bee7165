using System.Globalization;
using FedQueue.Contracts;

namespace FedQueue.Worker.Data;

/// <summary>Sentences on what is odd about a table but no obstacle: most of it makes a model look better, or be worse, than it is.</summary>
internal static class DataNotes
{
    /// <summary>A held-out value is far away when it is outside the training range by more than so many times its width.</summary>
    private const double FarInRanges = 1;

    /// <summary>A value stands alone when it is so many times as far from its neighbour as all others are from each other.</summary>
    private const double AloneInRanges = 3;

    /// <summary>The same of values that programs often write where there is none.</summary>
    private const double MarkAloneInRanges = 1;

    /// <summary>Share of the rows above which a value is one like the others.</summary>
    private const double MostRowsOfAMark = 0.1;

    private static readonly double[] UsualMarks = [99, 999, 9999, 99999, 999999];

    public static IEnumerable<string> Of(ParticipantTable table)
    {
        var columns = table.Columns;
        if (columns.Horizon == 0 && columns.Features.Contains(columns.Target))
            yield return $"with horizon 0 the label is part of its own window: {Cell.Quoted(columns.Target)} is among the features";

        var all = Enumerable.Range(0, columns.Features.Count).Select(feature => Column.Feature(table, feature)).ToList();
        var constant = all.Where(column => column.Training.IsConstant).Select(column => column.Name).ToList();
        if (constant.Count > 0)
            yield return $"constant in the training rows, so of no use: {Cell.List(constant)}";

        var target = Column.Target(table);
        if (target.Training.IsConstant)
            yield return $"the target {Cell.Quoted(target.Name)} is constant in the training rows: there is nothing to learn, and its errors do not count beside those of others";
        else
            foreach (var note in all.Where(column => column.Name != target.Name).Select(column => Copy(table, column)).OfType<string>())
                yield return note;

        foreach (var column in all.Where(column => column.Name != target.Name).Append(target))
        {
            if (FarAway(table, column) is { } far)
                yield return far;
            if (Alone(table, column) is { } alone)
                yield return alone;
        }
    }

    /// <summary>A feature that is the target of its own row, of a neighbour, or the label itself tells what is to be predicted.</summary>
    private static string? Copy(ParticipantTable table, Column feature)
    {
        var horizon = table.Columns.Horizon;
        foreach (var rows in new[] { 0, horizon, 1, -1, horizon - 1, horizon + 1 }.Distinct())
            if (IsTarget(table, feature, rows))
                return $"the feature {Cell.Quoted(feature.Name)} equals the target {Cell.Quoted(table.Columns.Target)} "
                    + (rows == 0 ? "in every row" : $"{Math.Abs(rows)} {(Math.Abs(rows) == 1 ? "row" : "rows")} {(rows > 0 ? "later" : "earlier")}, in every row")
                    + (rows >= horizon && horizon > 0 ? ": it knows what is to be predicted, so the errors will mean nothing" : "");
        return null;
    }

    private static bool IsTarget(ParticipantTable table, Column feature, int later)
    {
        var compared = 0;
        foreach (var (start, next) in table.Series)
            for (var row = Math.Max(start, start - later); row < Math.Min(next, next - later); row++, compared++)
                if (Math.Min(feature[row], table.Columns.TargetCap ?? double.MaxValue) != table.Target[row + later])
                    return false;
        return compared > 0;
    }

    private static string? FarAway(ParticipantTable table, Column column)
    {
        var range = column.Training;
        if (range.IsConstant || table.TrainingRows == 0)
            return null;

        var width = FarInRanges * (range.Maximum - range.Minimum);
        var (count, first) = (0, 0);
        for (var row = table.TrainingRows; row < table.Rows; row++)
            if ((column[row] < range.Minimum - width || column[row] > range.Maximum + width) && count++ == 0)
                first = row;
        return count == 0 ? null : string.Create(CultureInfo.InvariantCulture,
            $"{Cell.Quoted(column.Name)} is far outside of its training rows' {Figure.OfData(range.Minimum)} to {Figure.OfData(range.Maximum)} in {count:N0} held-out rows, first in line {table.Lines.Of(first)} with {Figure.OfData(column[first])}; a model has learned nothing of such values");
    }

    private static string? Alone(ParticipantTable table, Column column)
    {
        // The two smallest and the two largest different values.
        var (least, second) = (double.PositiveInfinity, double.PositiveInfinity);
        var (most, beforeMost) = (double.NegativeInfinity, double.NegativeInfinity);
        for (var row = 0; row < table.Rows; row++)
        {
            var value = column[row];
            if (value < least)
                (least, second) = (value, least);
            else if (value > least && value < second)
                second = value;
            if (value > most)
                (most, beforeMost) = (value, most);
            else if (value < most && value > beforeMost)
                beforeMost = value;
        }

        // Of three different values the middle one is both the second and the one before the last.
        var between = beforeMost - second;
        var low = second - least > Ranges(least) * (between > 0 ? between : most - second);
        var high = most - beforeMost > Ranges(most) * (between > 0 ? between : beforeMost - least);
        if (!(most > second) || !(beforeMost > least) || !(low || high))
            return null;

        var alone = low ? least : most;
        var (count, first) = (0, 0);
        for (var row = 0; row < table.Rows; row++)
            if (column[row] == alone && count++ == 0)
                first = row;
        return count > MostRowsOfAMark * table.Rows ? null
            : $"{Cell.Quoted(column.Name)} is {Figure.OfData(alone)} in {count:N0} {(count == 1 ? "row" : "rows")}, first in line {table.Lines.Of(first)}, far from all other values "
            + $"({Figure.OfData(low ? second : least)} to {Figure.OfData(low ? (high ? beforeMost : most) : beforeMost)}): it looks like a mark for a missing value, and spoils the scaling";
    }

    private static double Ranges(double value) => UsualMarks.Contains(Math.Abs(value)) ? MarkAloneInRanges : AloneInRanges;

    /// <summary>One column of a table, capped where it is the target.</summary>
    private sealed record Column(string Name, ColumnRange Training, double[] Values, int Offset, int Width)
    {
        public double this[int row] => Values[row * Width + Offset];

        public static Column Feature(ParticipantTable table, int feature) =>
            new(table.Columns.Features[feature], table.FeatureRange(feature, table.TrainingRows), table.Features, feature, table.Columns.Features.Count);

        public static Column Target(ParticipantTable table) => new(table.Columns.Target, table.TargetRange(table.TrainingRows), table.Target, 0, 1);
    }
}
