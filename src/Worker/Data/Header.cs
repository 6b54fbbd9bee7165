using System.Buffers;
using System.Text.Unicode;
using CsvHelper;
using FedQueue.Contracts;

namespace FedQueue.Worker.Data;

/// <summary>The first record of a CSV: where the columns of a plan stand.</summary>
internal sealed class Header
{
    private static readonly SearchValues<byte> ControlBytes =
        SearchValues.Create([.. Enumerable.Range(0, 32).Except(['\t', '\n', '\r']).Select(value => (byte)value)]);

    private readonly string path;
    private readonly string[] names;
    private readonly HashSet<string> used;

    private Header(string path, long line, string[] names, ColumnPlan columns)
    {
        this.path = path;
        this.names = names;
        Line = line;
        used = [columns.Target, .. columns.Features];
        if (columns.Group is not null)
            used.Add(columns.Group);
    }

    /// <summary>Line of the file, from 1.</summary>
    public long Line { get; }

    /// <summary>Takes the reader's current record as the header.</summary>
    /// <exception cref="DataException">A column of the plan is missing or there twice.</exception>
    public static Header Read(CsvReader reader, string path, ColumnPlan columns, bool isNew = false)
    {
        var names = Enumerable.Range(0, reader.FieldCount).Select(field => reader.GetString(field).Trim()).ToArray();
        var header = new Header(path, reader.LineNumber, names, columns);
        header.RefuseBinary(reader);
        header.RefuseMissing(isNew ? columns.Target : null);
        header.RefuseDuplicate();
        return header;
    }

    /// <summary>What to say of a header in which a column's name stands between other separators than commas; null of others.</summary>
    public static string? SeparatorProblem(string path, long line, string header, string column)
    {
        var separator = new[] { (';', "semicolons"), ('\t', "tabs"), ('|', "bars"), (' ', "spaces") }
            .Where(candidate => header.Split(candidate.Item1).Any(name => name.Trim(' ', '"') == column))
            .Select(candidate => candidate.Item2)
            .FirstOrDefault();
        return separator is null
            ? null
            : $"{path}, line {line}: the columns are separated by {separator} in {Cell.Quoted(header)}; save the file with commas "
                + "between the cells and decimal points in the numbers.";
    }

    /// <summary>Name of the column at a position.</summary>
    public string NameOf(int field) => field < names.Length ? names[field] : $"{field + 1}";

    /// <summary>Position of a column of the plan, from 0; -1 when it is not there.</summary>
    public int IndexOf(string column) => Array.IndexOf(names, column);

    /// <summary>A cell of the current record as messages name it: quotes before it may hold line breaks.</summary>
    public string Place(CsvReader reader, int field)
    {
        var line = reader.LineNumber + Enumerable.Range(0, field).Sum(before => Cell.LineBreaks(reader.GetString(before)));
        var column = field < names.Length && names[field].Length > 0 ? Cell.Quoted(names[field]) : $"{field + 1}";
        return $"{path}, line {line}, column {column}";
    }

    /// <summary>Names of the columns that the plan does not use.</summary>
    public IReadOnlyList<string> Unused() =>
        [.. names.Select((name, field) => name.Length > 0 ? name : $"(column {field + 1})").Where(name => !used.Contains(name))];

    /// <exception cref="DataException">The current record has another number of cells than the header.</exception>
    public void RefuseRagged(CsvReader reader)
    {
        if (reader.FieldCount < names.Length)
            throw new DataException(
                $"{Place(reader, reader.FieldCount)}: the row ends after {reader.FieldCount} of {names.Length} cells, with "
                + $"{Cell.Quoted(reader.GetString(reader.FieldCount - 1))}; complete the row.");
        if (reader.FieldCount > names.Length)
            throw new DataException(
                $"{Place(reader, names.Length)}: the row has {reader.FieldCount} cells where the header names {names.Length} columns, the "
                + $"first too many being {Cell.Quoted(reader.GetString(names.Length))}; remove it, or write decimals with a point, not a comma.");
    }

    /// <exception cref="DataException">The current record holds bytes that are no text.</exception>
    public void RefuseBinary(CsvReader reader)
    {
        if (!reader.RawRecord.ContainsAny(ControlBytes) && Utf8.IsValid(reader.RawRecord))
            return;

        for (var field = 0; field < reader.FieldCount; field++)
        {
            var cell = reader.GetSpan(field);
            var control = cell.IndexOfAny(ControlBytes);
            if (control < 0 && Utf8.IsValid(cell))
                continue;
            throw new DataException(
                $"{Place(reader, field)}: the cell {Cell.Quoted(reader.GetString(field))} holds "
                + (control < 0 ? "bytes that are not UTF-8" : $"the byte 0x{cell[control]:X2}") + "; save the file as plain CSV text in UTF-8.");
        }
    }

    /// <param name="optional">A column that may be missing.</param>
    private void RefuseMissing(string? optional)
    {
        var missing = used.Where(column => column != optional && !names.Contains(column)).ToArray();
        if (missing.Length == 0)
            return;

        if (names.Length == 1 && SeparatorProblem(path, Line, names[0], missing[0]) is { } problem)
            throw new DataException(problem);
        if (names.Count(name => Cell.TryParse(name, out _)) * 2 >= names.Length)
            throw new DataException(
                $"{path}, line {Line}: the first line holds numbers, {Cell.Quoted(string.Join(',', names))}, where the column names belong; "
                + $"put a header line with {Cell.List(missing)} above it.");

        var similar = names.FirstOrDefault(name => name.Equals(missing[0], StringComparison.OrdinalIgnoreCase));
        var meant = Nearest.To(missing[0], names);
        throw new DataException(
            $"{path}, line {Line}: the header lacks {Cell.List(missing)}; it has {Cell.List(names)}; rename "
            + (similar is not null ? $"{Cell.Quoted(similar)} to {Cell.Quoted(missing[0])}: case matters."
                : meant is not null ? $"a column or choose others; did you mean {Cell.Quoted(meant)}?"
                : "a column or choose others."));
    }

    private void RefuseDuplicate()
    {
        foreach (var column in used)
        {
            var first = Array.IndexOf(names, column);
            var last = Array.LastIndexOf(names, column);
            if (first != last)
                throw new DataException(
                    $"{path}, line {Line}: the column {Cell.Quoted(column)} is there twice, as column {first + 1} and as column {last + 1}; "
                    + "rename or remove one of them.");
        }
    }
}
