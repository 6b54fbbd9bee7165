using FedQueue.Contracts;

namespace FedQueue.Aggregator.Tests.Contracts;

public sealed class TextForPeopleTests
{
    [Theory]
    [InlineData(null, "-")]
    [InlineData(0.0, "0.0000")]
    [InlineData(7.20104, "7.2010")]
    [InlineData(9_999_999.0, "9999999.0000")]
    [InlineData(1e7, "1.0000e+7")]
    [InlineData(-1.23456e200, "-1.2346e+200")]
    [InlineData(1e-4, "0.0001")]
    [InlineData(5e-5, "5.0000e-5")]
    public void A_number_in_a_table_has_four_decimals_or_an_exponent_and_never_two_hundred_digits(double? number, string text) =>
        Assert.Equal(text, Figure.Of(number));

    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("\x1b[31mred\a", @"\x1b[31mred\x07")]
    [InlineData("two\nlines\r", @"two\x0alines\x0d")]
    [InlineData("\u202etxt.exe", @"\u202etxt.exe")]
    [InlineData("\u009b1m\u007f", @"\u009b1m\u007f")]
    [InlineData("größer ✓", "größer ✓")]
    public void Control_characters_of_others_are_shown_and_not_obeyed(string text, string shown) => Assert.Equal(shown, PlainText.Of(text));

    [Fact]
    public void Lines_stay_lines_where_they_are_wanted() => Assert.Equal("a\nb\\x1b", PlainText.Of("a\nb\x1b", keep: "\n"));

    [Fact]
    public void A_thousand_names_do_not_fill_a_sentence()
    {
        Assert.Equal("a, b, c", NameList.Of(["a", "b", "c"]));
        Assert.Equal("0, 1, 2, 3, 4, 5, 6, 7, 8, 9 and 990 more", NameList.Of(Enumerable.Range(0, 1_000).Select(i => $"{i}")));
    }

    [Theory]
    [InlineData("--round", "--rounds")]
    [InlineData("SIMULAT", "simulate")]
    [InlineData("zebra", null)]
    public void What_is_near_is_offered_and_what_is_not_is_not(string word, string? meant) =>
        Assert.Equal(meant, Nearest.To(word, ["simulate", "--rounds", "--learning-rate", "data"]));

    [Fact]
    public void Names_that_differ_in_case_only_are_found()
    {
        Assert.Equal(("a", "A"), ParticipantName.FirstAlike(["b", "a", "c", "A"]));
        Assert.Null(ParticipantName.FirstAlike(["a", "b"]));
    }

    [Fact]
    public void A_table_that_is_too_wide_comes_in_blocks_that_begin_with_its_first_column()
    {
        IReadOnlyList<IReadOnlyList<string>> rows = [["round", "a", "bbbb", "c"], ["1", "22", "3", "4"]];

        Assert.Equal(["round   a  bbbb  c", "    1  22     3  4"], TextTable.Lines(rows));
        Assert.Equal(["round   a", "    1  22", "", "round  bbbb  c", "    1     3  4"], TextTable.Lines(rows, width: 14));
    }
}
