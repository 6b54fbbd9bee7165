using CsvHelper;
using FedQueue.Contracts;

namespace FedQueue.Worker.Data;

/// <summary>What a participant tells of its data, for a scaling that all share: the spans of its numeric columns over its training rows.</summary>
internal static class ColumnSpans
{
    /// <summary>Reads the file twice, as it must know the number of rows before it knows which ones are for training.</summary>
    /// <returns>A span for each column whose every training row holds a finite number; none of a file that cannot be read.</returns>
    /// <exception cref="DataException">The file cannot be read.</exception>
    public static IReadOnlyList<ColumnSpan> Of(string path)
    {
        var rows = 0;
        ParticipantFile.ForEachRow(path, _ => { }, _ => rows++);
        var training = ParticipantTable.TrainingRowsOf(rows);

        Span[] spans = [];
        var row = 0;
        ParticipantFile.ForEachRow(
            path,
            header => spans = [.. Enumerable.Range(0, header.FieldCount).Select(field => new Span(header.GetString(field).Trim()))],
            reader =>
            {
                if (row++ >= training)
                    return;
                for (var field = 0; field < spans.Length; field++)
                    spans[field].Add(reader, field);
            });

        return
        [
            .. spans.Where(span => span.IsNumeric && training > 0 && span.Name.Length > 0 && spans.Count(other => other.Name == span.Name) == 1)
                .Select(span => new ColumnSpan { Column = span.Name, Count = training, Minimum = span.Minimum, Maximum = span.Maximum }),
        ];
    }

    private sealed class Span(string name)
    {
        public string Name { get; } = name;

        public double Minimum { get; private set; } = double.PositiveInfinity;

        public double Maximum { get; private set; } = double.NegativeInfinity;

        public bool IsNumeric { get; private set; } = true;

        public void Add(CsvReader reader, int field)
        {
            if (!IsNumeric)
                return;
            IsNumeric = field < reader.FieldCount && Cell.TryParse(reader.GetString(field).Trim(), out var value) && Take(value);
        }

        private bool Take(double value)
        {
            (Minimum, Maximum) = (Math.Min(Minimum, value), Math.Max(Maximum, value));
            return Math.Abs(value) <= float.MaxValue;
        }
    }
}
