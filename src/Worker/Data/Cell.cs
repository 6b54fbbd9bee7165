using System.Globalization;
using System.Text.RegularExpressions;
using CsvHelper;
using FedQueue.Contracts;

namespace FedQueue.Worker.Data;

/// <summary>Reads one cell of the current record, or says in a sentence why it cannot be trained on.</summary>
internal static partial class Cell
{
    private const NumberStyles Plain = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;

    private static readonly string[] MissingMarks = ["na", "n/a", "#n/a", "nan", "null", "nil", "none", "missing", "-", "?"];
    private static readonly string[] InfinityMarks = ["inf", "infinity", "∞"];

    /// <summary>The cell as a number whose float32 is finite.</summary>
    /// <exception cref="DataException">It is none.</exception>
    public static double Number(CsvReader reader, int field, Header header)
    {
        if (double.TryParse(reader.GetSpan(field), Plain, CultureInfo.InvariantCulture, out var number) && IsInRange(number))
            return number;

        // Off the fast path: the reader trims spaces and tabs, but spreadsheets also write no-break spaces.
        var text = reader.GetString(field).Trim();
        if (TryParse(text, out number) && IsInRange(number))
            return number;
        throw IsMissing(text)
            ? Missing(reader, field, header, text)
            : new DataException($"{header.Place(reader, field)}: {WhyNoNumber(text)}.");
    }

    /// <summary>As <see cref="Number"/>, but NaN for a cell without a value.</summary>
    /// <exception cref="DataException">It is something else.</exception>
    public static double NumberOrNaN(CsvReader reader, int field, Header header) =>
        IsMissing(reader.GetString(field).Trim()) ? double.NaN : Number(reader, field, header);

    /// <summary>Empty, or one of the marks that programs write where there is no value.</summary>
    public static bool IsMissing(string text) => text.Length == 0 || MissingMarks.Contains(text.ToLowerInvariant());

    /// <summary>The cell as text, not empty.</summary>
    /// <exception cref="DataException">It is empty.</exception>
    public static string Text(CsvReader reader, int field, Header header)
    {
        var text = reader.GetString(field).Trim();
        return text.Length > 0 ? text : throw Missing(reader, field, header, text);
    }

    public static bool TryParse(string text, out double number) =>
        double.TryParse(text, Plain, CultureInfo.InvariantCulture, out number);

    /// <summary>Text in single quotes, shortened and with its control characters shown, for a message.</summary>
    public static string Quoted(string text)
    {
        var start = text.Length <= 40 ? text : text[..40] + "…";
        return $"'{PlainText.Of(start)}'";
    }

    /// <summary>Names in single quotes, the first twenty of them.</summary>
    public static string List(IReadOnlyCollection<string> names) =>
        string.Join(", ", names.Take(20).Select(Quoted)) + (names.Count > 20 ? $" and {names.Count - 20} more" : "");

    public static int LineBreaks(string text) => AnyLineBreak().Count(text);

    private static bool IsInRange(double number) => Math.Abs(number) <= float.MaxValue;

    private static MissingCellException Missing(CsvReader reader, int field, Header header, string text) =>
        new($"{header.Place(reader, field)}: {(text.Length == 0 ? "the cell is empty" : $"{Quoted(text)} marks a missing value")}");

    private static string WhyNoNumber(string text)
    {
        var word = text.TrimStart('+', '-').ToLowerInvariant();
        if (word == "nan" || InfinityMarks.Contains(word))
            return $"{Quoted(text)} is not a finite number; write one such as 12.5, or choose another column";
        if (TryParse(text, out _))
            return $"{Quoted(text)} is beyond the range of a 32-bit number, ±3.4e38; rescale the column";
        if (LineBreaks(text) > 0)
            return $"the quoted cell {Quoted(text)} runs over {LineBreaks(text) + 1} lines; close the quote where it opens";
        if (GroupedDigits().IsMatch(text))
            return $"{Quoted(text)} has a decimal comma or thousands separators; write it with a decimal point alone, as in 1234.5";
        return $"{Quoted(text)} is not a number; write one such as 12.5, or choose another column";
    }

    [GeneratedRegex(@"\r\n|\r|\n")]
    private static partial Regex AnyLineBreak();

    [GeneratedRegex(@"^[+-]?\d+([.,'’_\s]\d+)+([eE][+-]?\d+)?$")]
    private static partial Regex GroupedDigits();
}
