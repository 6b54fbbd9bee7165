using System.Globalization;
using System.Text.RegularExpressions;
using CsvHelper;

namespace FedQueue.Worker.Data;

/// <summary>Looks at a column of times as a file is read: windows of rows mean the same span of time only where its steps are regular.</summary>
/// <param name="name">Of the column.</param>
/// <param name="position">Its position, from 0.</param>
/// <param name="dayFirst">How 01/02/2026 is read: as the first of February, or as the second of January.</param>
internal sealed partial class TimeColumn(string name, int position, bool dayFirst)
{
    /// <summary>A column with more is irregular; what else its steps are does not matter then.</summary>
    private const int MostSteps = 10_000;

    /// <summary>Steps in a row that make a rate of their own; fewer are a gap or a slip.</summary>
    private const int StepsOfRate = 3;

    /// <summary>Month first, then day first.</summary>
    private static readonly bool[] Readings = [false, true];

    private readonly Dictionary<TimeSpan, Step> steps = [];
    private readonly First unsorted = new();
    private readonly First repeated = new();
    private DateTimeOffset? previous;
    private TimeSpan last;
    private int inARow;
    private long rateSince;

    /// <summary>Columns whose first cell is a time, in each way to read it.</summary>
    public static List<TimeColumn> Candidates(CsvReader firstRow, Func<int, string> nameOf) =>
    [
        .. Enumerable.Range(0, firstRow.FieldCount).SelectMany(field => Readings
            .Where(dayFirst => TryParse(firstRow.GetString(field), dayFirst, out _) && (!dayFirst || DayAndMonth().IsMatch(firstRow.GetString(field))))
            .Select(dayFirst => new TimeColumn(nameOf(field), field, dayFirst))),
    ];

    /// <summary>Sentences on what is odd; nothing of a column that can be read in two ways to its end.</summary>
    public static IEnumerable<string> NotesOf(IEnumerable<TimeColumn> columns) =>
        columns.GroupBy(column => column.Position).Where(same => same.Count() == 1).SelectMany(same => same.Single().Notes());

    private int Position => position;

    /// <summary>Looks at the current row.</summary>
    /// <param name="reader">At the row.</param>
    /// <param name="beginsSeries">The row before is of another series.</param>
    /// <returns>False when the cell is no time, so the column is none of times.</returns>
    public bool Add(CsvReader reader, bool beginsSeries)
    {
        if (!TryParse(reader.GetString(position), dayFirst, out var time))
            return false;

        if (previous is { } before && !beginsSeries)
            Add(before, time, reader.LineNumber);
        else
            inARow = 0;
        previous = time;
        return true;
    }

    /// <summary>Sentences on what is odd, each with the first line of its kind.</summary>
    private IEnumerable<string> Notes()
    {
        if (unsorted.Count > 0)
            yield return $"the times in {Cell.Quoted(name)} go back in {Rows(unsorted.Count)}, first in line {unsorted.Line}: {unsorted.Text}; windows take rows in the file's order";
        if (repeated.Count > 0)
            yield return $"a time in {Cell.Quoted(name)} is there again in {Rows(repeated.Count)}, first in line {repeated.Line}: {repeated.Text}";
        if (steps.Count < 2)
            yield break;

        var (usual, most) = steps.MaxBy(step => step.Value.Count);
        if (most.Count * 2 < steps.Values.Sum(step => (long)step.Count))
        {
            yield return $"the times in {Cell.Quoted(name)} have no regular step: from {Said(steps.Keys.Min())} to {Said(steps.Keys.Max())}, {steps.Count}{(steps.Count == MostSteps ? " or more" : "")} different ones";
            yield break;
        }

        var rates = steps.Where(step => step.Key != usual && step.Value.RateLine is not null).ToList();
        var slips = steps.Where(step => step.Key < usual && step.Value.RateLine is null).ToList();
        var gaps = steps.Where(step => step.Key > usual && step.Value.RateLine is null).ToList();
        if (gaps.Count > 0)
        {
            var first = gaps.MinBy(gap => gap.Value.Line);
            yield return $"the times in {Cell.Quoted(name)}, {Said(usual)} apart, have {gaps.Sum(gap => gap.Value.Count):N0} gaps, the first before line {first.Value.Line}: {first.Value.Text}, the longest {Said(gaps.Max(gap => gap.Key))}; windows cross them unless --group ends a series there";
        }

        if (rates.Count > 0)
        {
            var (step, first) = rates.MinBy(rate => rate.Value.RateLine);
            yield return $"the times in {Cell.Quoted(name)}, mostly {Said(usual)} apart, are {Said(step)} apart from line {first.RateLine} on: {first.Text}";
        }

        if (slips.Count > 0)
        {
            var first = slips.MinBy(slip => slip.Value.Line).Value;
            yield return $"the times in {Cell.Quoted(name)}, {Said(usual)} apart, are nearer to each other in {Rows(slips.Sum(slip => slip.Value.Count))}, first in line {first.Line}: {first.Text}";
        }
    }

    private void Add(DateTimeOffset before, DateTimeOffset time, long line)
    {
        var step = time - before;
        if (step < TimeSpan.Zero)
            unsorted.Add(line, $"{Said(time)} after {Said(before)}");
        else if (step == TimeSpan.Zero)
            repeated.Add(line, Said(time));
        else if (steps.Count < MostSteps || steps.ContainsKey(step))
            Count(step, line, $"{Said(before)}, then {Said(time)}");

        (inARow, rateSince) = step == last ? (inARow + 1, rateSince) : (1, line);
        last = step;
        if (inARow == StepsOfRate && steps.TryGetValue(step, out var rate))
            rate.RateLine ??= rateSince;
    }

    private void Count(TimeSpan step, long line, string text)
    {
        if (!steps.TryGetValue(step, out var seen))
            steps.Add(step, seen = new Step(line, text));
        seen.Count++;
    }

    /// <summary>With a date; a number is none, nor is a time of day alone, which begins anew each day.</summary>
    private static bool TryParse(string text, bool dayFirst, out DateTimeOffset time)
    {
        const int shortestDate = 6;
        time = default;
        if (dayFirst)
            text = DayAndMonth().Replace(text, "$2/$1/", 1);
        return text.Length >= shortestDate && text.AsSpan().IndexOfAny("-/.T") > 0 && !Cell.TryParse(text.Trim(), out _)
            && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AllowWhiteSpaces, out time);
    }

    [GeneratedRegex(@"^\s*(\d{1,2})[./-](\d{1,2})[./-](?=\d{2,4})")]
    private static partial Regex DayAndMonth();

    private static string Rows(int count) => count == 1 ? "1 row" : $"{count:N0} rows";

    private static string Said(DateTimeOffset time) => time.ToString("yyyy-MM-dd HH:mm:ss.FFF", CultureInfo.InvariantCulture);

    private static string Said(TimeSpan step) => step switch
    {
        { TotalDays: >= 2 } => string.Create(CultureInfo.InvariantCulture, $"{step.TotalDays:0.##} days"),
        { TotalHours: >= 2 } => string.Create(CultureInfo.InvariantCulture, $"{step.TotalHours:0.##} hours"),
        { TotalMinutes: >= 2 } => string.Create(CultureInfo.InvariantCulture, $"{step.TotalMinutes:0.##} minutes"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{step.TotalSeconds:0.###} s"),
    };

    /// <summary>How often something was seen, and where first.</summary>
    private sealed class First
    {
        public int Count { get; private set; }

        public long Line { get; private set; }

        public string Text { get; private set; } = "";

        public void Add(long line, string text)
        {
            if (Count++ == 0)
                (Line, Text) = (line, text);
        }
    }

    private sealed class Step(long line, string text)
    {
        public int Count { get; set; }

        public long Line { get; } = line;

        public string Text { get; } = text;

        /// <summary>Line from which it was a rate of its own; null while it was not.</summary>
        public long? RateLine { get; set; }
    }
}
