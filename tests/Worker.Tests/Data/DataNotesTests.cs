using FedQueue.Contracts;
using FedQueue.Worker.Data;

namespace FedQueue.Worker.Tests.Data;

/// <summary>What is odd about a file is noted, and nothing is noted of one that is not.</summary>
public sealed class DataNotesTests : IDisposable
{
    private static readonly ColumnPlan Plan = new() { Target = "y", Features = ["x"], Window = 2 };

    private readonly TemporaryDirectory directory = new();

    public void Dispose() => directory.Dispose();

    [Fact]
    public void A_regular_file_has_no_notes() => Assert.Empty(Notes("x,y", 40, i => $"{i % 7},{i % 5}"));

    [Fact]
    public void Times_out_of_order_repeated_with_gaps_and_of_another_rate_are_noted_with_the_first_line_of_each_kind()
    {
        var minutes = Enumerable.Range(0, 12).Concat([30, 31, 32, 20, 33, 33, 34]).Concat(Enumerable.Range(0, 6).Select(i => 36 + 2 * i)).ToList();

        var notes = Notes("time,x,y", minutes.Count, i => $"{At(minutes[i])},{i % 7},{i % 5}");

        Assert.Equal(
            [
                "not used: 'time'",
                "the times in 'time' go back in 1 row, first in line 17: 2026-03-01 00:20:00 after 2026-03-01 00:32:00; windows take rows in the file's order",
                "a time in 'time' is there again in 1 row, first in line 19: 2026-03-01 00:33:00",
                "the times in 'time', 60 s apart, have 2 gaps, the first before line 14: 2026-03-01 00:11:00, then 2026-03-01 00:30:00, the longest 19 minutes; windows cross them unless --group ends a series there",
                "the times in 'time', mostly 60 s apart, are 2 minutes apart from line 21 on: 2026-03-01 00:34:00, then 2026-03-01 00:36:00",
            ],
            notes);
    }

    [Fact]
    public void Regular_times_and_columns_that_are_not_times_in_every_row_are_not_noted()
    {
        Assert.Equal(["not used: 'time'"], Notes("time,x,y", 40, i => $"{At(i)},{i % 7},{i % 5}"));
        Assert.Equal(["not used: 'what'"], Notes("what,x,y", 40, i => $"{(i == 30 ? "soon" : At(40 - i))},{i % 7},{i % 5}"));
    }

    [Fact]
    public void Each_series_has_its_own_times() => Assert.Equal(
        ["not used: 'time'"],
        Notes("pump,time,x,y", 40, i => $"{i / 20},{At(i % 20)},{i % 7},{i % 5}", Plan with { Group = "pump" }));

    [Theory]
    [InlineData(0, "in every row")]
    [InlineData(1, "1 row later, in every row: it knows what is to be predicted, so the errors will mean nothing")]
    [InlineData(-1, "1 row earlier, in every row")]
    public void A_feature_that_is_the_target_of_its_own_or_a_neighbours_row_is_noted(int later, string where) => Assert.Equal(
        [$"the feature 'x' equals the target 'y' {where}"],
        Notes("x,y", 40, i => $"{(i + later + 7) * 13 % 17},{(i + 7) * 13 % 17}"));

    [Fact]
    public void Held_out_values_far_outside_the_training_range_are_noted() => Assert.Equal(
        ["'x' is far outside of its training rows' 0 to 6 in 3 held-out rows, first in line 39 with 20; a model has learned nothing of such values"],
        Notes("x,y", 40, i => $"{(i < 37 ? i % 7 : i - 17)},{i % 5}"));

    [Theory]
    [InlineData("-999")]
    [InlineData("9999")]
    public void A_value_that_stands_alone_far_from_all_others_is_noted(string mark) => Assert.Equal(
        [$"'x' is {mark} in 2 rows, first in line 7, far from all other values (0 to 6): it looks like a mark for a missing value, and spoils the scaling"],
        Notes("x,y", 40, i => $"{(i is 5 or 12 ? mark : $"{i % 7}")},{i % 5}"));

    [Fact]
    public void Missing_cells_are_counted_in_all_columns_and_nobody_is_told_to_remove_rows()
    {
        var path = directory.Write("x,y,wind\n1,2,N\n,3,NA\n5,null,\n6,-,E\nNaN,8,S\n");

        Assert.Equal(
            $"{path}, line 3, column 'x': the cell is empty; the file has 6 cells without a value in 4 of 5 rows: 'x' 2, 'y' 2, 'wind' 2. "
            + "Fill them in, or choose columns without them with --features and --target: leaving rows out would join rows that are no neighbours.",
            Assert.Throws<DataException>(() => ParticipantFile.Read(path, Plan)).Message);
    }

    [Theory]
    [InlineData(new byte[] { 0x1F, 0x8B, 8, 0 }, "a gzip file")]
    [InlineData(new byte[] { 0x50, 0x41, 0x52, 0x31, 0x15, 0x04 }, "a Parquet file")]
    [InlineData(new byte[] { 0x50, 0x4B, 3, 4 }, "a ZIP archive or a spreadsheet (xlsx, ods)")]
    public void A_file_of_another_kind_is_called_what_it_is(byte[] content, string kind)
    {
        var path = directory.Write(content);

        Assert.StartsWith($"{path} is {kind}, and what is needed is CSV", Assert.Throws<DataException>(() => ParticipantFile.Read(path, Plan)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_column_may_be_named_as_another_kind_of_file_begins() =>
        Assert.Empty(Notes("PAR1,y", 40, i => $"{i % 7},{i % 5}", Plan with { Features = ["PAR1"] }));

    /// <summary>The 13th cannot be a month, so all of them begin with the day; up to the 12th both readings are possible, and nothing is said.</summary>
    [Fact]
    public void Dates_that_begin_with_the_day_are_read_as_such()
    {
        Assert.Equal(["not used: 'date'"], Notes("date,x,y", 28, i => $"{i + 1:00}/02/2026,{i % 7},{i % 5}"));
        Assert.Equal(["not used: 'date'"], Notes("date,x,y", 12, i => $"{i + 1:00}/02/2026,{i % 7},{i % 5}"));
    }

    [Fact]
    public void One_early_row_is_no_change_of_rate() => Assert.Equal(
        [
            "not used: 'time'",
            "the times in 'time', 10 minutes apart, have 1 gaps, the first before line 33: 2026-03-01 04:59:00, then 2026-03-01 05:10:00, the longest 11 minutes; windows cross them unless --group ends a series there",
            "the times in 'time', 10 minutes apart, are nearer to each other in 1 row, first in line 32: 2026-03-01 04:50:00, then 2026-03-01 04:59:00",
        ],
        Notes("time,x,y", 40, i => $"{At(10 * i - (i == 30 ? 1 : 0))},{i % 7},{i % 5}"));

    [Theory]
    [InlineData("-999", 500)]
    [InlineData("9999", 4000)]
    public void Usual_marks_are_noted_beside_values_of_their_own_size(string mark, int most) => Assert.Contains(
        Notes("x,y", 400, i => $"{(i is 5 or 12 ? mark : $"{i * 37 % most}")},{i % 5}"),
        note => note.StartsWith($"'x' is {mark} in 2 rows, first in line 7, far from all other values", StringComparison.Ordinal));

    [Fact]
    public void A_value_of_many_rows_is_no_mark() => Assert.Empty(Notes("x,y", 40, i => $"{(i % 4 == 3 ? 9 : i % 3)},{i % 5}"));

    [Fact]
    public void A_misspelt_column_is_offered_the_one_that_is_near()
    {
        var path = directory.Write("temperature,load\n1,2\n");

        Assert.Contains("did you mean 'temperature'?", Assert.Throws<DataException>(() => ParticipantFile.Read(path, Plan with { Features = ["temprature"], Target = "load" })).Message, StringComparison.Ordinal);
    }

    private static string At(int minute) => new DateTime(2026, 3, 1).AddMinutes(minute).ToString("yyyy-MM-dd HH:mm:ss", System.Globalization.CultureInfo.InvariantCulture);

    private IReadOnlyList<string> Notes(string header, int rows, Func<int, string> row, ColumnPlan? plan = null) =>
        ParticipantFile.Read(directory.Write($"{header}\n{string.Concat(Enumerable.Range(0, rows).Select(i => row(i) + "\n"))}"), plan ?? Plan).Notes;
}
