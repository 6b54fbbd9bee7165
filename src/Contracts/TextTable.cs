namespace FedQueue.Contracts;

/// <summary>Cells of text under each other, for terminals and logs.</summary>
public static class TextTable
{
    private const string Gap = "  ";

    /// <summary>One line per row; of a table that is wider than there is room several blocks of columns, each with the first column before it.</summary>
    /// <param name="rows">The first is the header; all have as many cells.</param>
    /// <param name="width">Most characters of a line.</param>
    /// <param name="firstIsText">The first column is aligned to the left; all others are to the right.</param>
    public static IEnumerable<string> Lines(IReadOnlyList<IReadOnlyList<string>> rows, int width = int.MaxValue, bool firstIsText = false)
    {
        var widths = Enumerable.Range(0, rows[0].Count).Select(column => rows.Max(row => row[column].Length)).ToArray();
        for (int next = 1, block = 0; next < widths.Length || block == 0; block++)
        {
            List<int> columns = [0];
            var length = widths[0];
            while (next < widths.Length && (columns.Count == 1 || length + Gap.Length + widths[next] <= width))
            {
                length += Gap.Length + widths[next];
                columns.Add(next++);
            }

            if (block > 0)
                yield return "";
            foreach (var row in rows)
                yield return string.Join(Gap, columns.Select(column =>
                    column == 0 && firstIsText ? row[column].PadRight(widths[column]) : row[column].PadLeft(widths[column])));
        }
    }
}
