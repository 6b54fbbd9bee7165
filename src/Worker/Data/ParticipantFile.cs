using CsvHelper;
using FedQueue.Contracts;

namespace FedQueue.Worker.Data;

/// <summary>Reads a participant's CSV: comma separated, UTF-8 (or UTF-16 with a byte order mark), one header line.</summary>
internal static class ParticipantFile
{
    /// <summary>Most rows of a file.</summary>
    public const int MaxRows = 10_000_000;

    /// <summary>Longest line, or record when quotes hold line breaks, in bytes.</summary>
    public const int MaxRecordSize = 1 << 20;

    private const int MaxValues = 1 << 28;

    /// <summary>Reads the columns of the plan; only they are kept in memory, the file is streamed.</summary>
    /// <param name="path">The file; it stands in every message as it is given here.</param>
    /// <param name="columns">Columns to read, found by name; names are matched exactly.</param>
    /// <exception cref="DataException">The file cannot be read, or a value or the plan cannot be trained on.</exception>
    public static ParticipantTable Read(string path, ColumnPlan columns) => Read(path, columns, isNew: false);

    /// <summary>Reads rows to predict from, whose labels need not be known: their column may be missing, or its cells empty, unless it is a feature.</summary>
    /// <inheritdoc cref="Read(string, ColumnPlan)"/>
    public static ParticipantTable ReadNew(string path, ColumnPlan columns) => Read(path, columns, isNew: !columns.Features.Contains(columns.Target));

    private static ParticipantTable Read(string path, ColumnPlan columns, bool isNew)
    {
        if (columns.Problem() is { } problem)
            throw new DataException(problem);
        try
        {
            return Open(path, columns.Target, reader => ReadRows(reader, path, columns, isNew));
        }
        catch (MissingCellException exception)
        {
            throw new DataException(
                $"{exception.Message}; {MissingCells.Count(path)}. Fill them in, or choose columns without them with --features and --target: leaving rows out would join rows that are no neighbours.");
        }
    }

    /// <summary>Streams a file without a plan: first its header, then its rows, each as the reader's current record.</summary>
    /// <exception cref="DataException">The file cannot be read.</exception>
    public static void ForEachRow(string path, Action<CsvReader> header, Action<CsvReader> row) => Open(path, "", reader =>
    {
        if (reader.Read())
            header(reader);
        while (reader.Read())
            row(reader);
        return true;
    });

    private static T Open<T>(string path, string target, Func<CsvReader, T> read)
    {
        if (Directory.Exists(path))
            throw new DataException($"{path} is a directory; name a CSV file in it.");
        if (!File.Exists(path))
            throw new DataException($"{path}: there is no such file; check the path.");

        try
        {
            RefuseOther(path);
            using var stream = File.OpenRead(path);
            FileKind.RefuseOther(path, stream);
            using var reader = CsvReader.Create(stream, Options(path, target));
            return read(reader);
        }
        catch (CsvFormatException e)
        {
            // Quotes are reported through OnMalformedRecord: what is left is the record that does not end.
            throw new DataException(
                $"{path}, line {e.LineNumber}: the line is longer than 1 MiB; break it into rows, and close every quote.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DataException($"{path} cannot be read ({e.Message.TrimEnd('.')}); check the file and its permissions.");
        }
    }

    /// <summary>
    /// Refuses pipes, sockets and devices, and an empty file, which cannot be trained on either.
    /// </summary>
    /// <exception cref="DataException">There is nothing to read in it.</exception>
    internal static void RefuseOther(string path)
    {
        if (RegularFile.LengthOf(path) == 0)
            throw new DataException(
                $"{path} is empty; it needs a header line with column names and rows below it. (A named pipe or a device counts as empty: give a file.)");
    }

    private static CsvReaderOptions Options(string path, string target) => CsvReaderOptions.Default with
    {
        Separator = ',',
        HasHeader = false,
        TrimWhitespace = true,
        TrimInsideQuotes = true,
        MaxRecordSize = MaxRecordSize,
        TrackLineNumbers = true,
        OnMalformedRecord = record => throw new DataException(QuoteProblem(path, record, target)),
    };

    private static string QuoteProblem(string path, CsvMalformedRecord record, string target)
    {
        if (record.Reason is CsvMalformedReason.UnterminatedQuote)
            return $"{path}, line {record.LineNumber}: a quote opens in {Cell.Quoted(record.RawRecord)} and is never closed; close it or remove it.";

        // "x";"y" is well quoted for who separates by semicolons.
        return Header.SeparatorProblem(path, record.LineNumber, record.RawRecord, target)
            ?? $"{path}, line {record.LineNumber}: a quote stands inside the text of {Cell.Quoted(record.RawRecord)}; "
                + "put quotes around the whole cell and double those inside, or remove it.";
    }

    private static ParticipantTable ReadRows(CsvReader reader, string path, ColumnPlan columns, bool isNew)
    {
        if (!reader.Read())
            throw new DataException($"{path} is empty; it needs a header line with column names and rows below it.");

        var header = Header.Read(reader, path, columns, isNew);
        var group = columns.Group is null ? -1 : header.IndexOf(columns.Group);
        var target = header.IndexOf(columns.Target);
        var inputs = columns.Features.Select(header.IndexOf).ToArray();
        var maxRows = Math.Min(MaxRows, MaxValues / inputs.Length);

        List<double> features = [], targets = [];
        List<int> seriesStarts = [];
        var lines = new RowLines();
        List<TimeColumn>? times = null;
        string? series = null;
        while (reader.Read())
        {
            if (targets.Count == maxRows)
                throw new DataException($"{path}, line {reader.LineNumber}: the file has more than {maxRows} rows; split it or thin it out.");
            header.RefuseBinary(reader);
            header.RefuseRagged(reader);

            var name = group < 0 ? "" : Cell.Text(reader, group, header);
            var beginsSeries = name != series;
            if (beginsSeries)
                seriesStarts.Add(targets.Count);
            series = name;
            lines.Add(targets.Count, reader.LineNumber);
            times ??= TimeColumn.Candidates(reader, header.NameOf);
            if (times.Count > 0)
                times.RemoveAll(column => !column.Add(reader, beginsSeries));

            targets.Add(!isNew ? Cell.Number(reader, target, header) : target < 0 ? double.NaN : Cell.NumberOrNaN(reader, target, header));
            foreach (var input in inputs)
                features.Add(Cell.Number(reader, input, header));
        }

        if (targets.Count == 0)
            throw new DataException($"{path}, line {header.Line}: no rows follow the header; add rows below it.");
        IEnumerable<string> unused = header.Unused() is { Count: > 0 } others ? [$"not used: {Cell.List(others)}"] : [];
        return new(path, columns, [.. features], [.. targets], seriesStarts, [.. unused, .. TimeColumn.NotesOf(times ?? [])], lines);
    }
}
