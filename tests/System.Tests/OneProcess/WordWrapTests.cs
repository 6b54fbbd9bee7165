using FedQueue.Cli;

namespace FedQueue.System.Tests.OneProcess;

public sealed class WordWrapTests
{
    [Fact]
    public void A_sentence_ends_its_lines_between_words_and_a_command_stays_in_one_piece()
    {
        Assert.Equal(["short"], WordWrap.Lines("short", 10));
        Assert.Equal(["  one two", "  three"], WordWrap.Lines("  one two three", 10));
        Assert.Equal(["Go on:", "./fedqueue simulate --resume x"], WordWrap.Lines("Go on: ./fedqueue simulate --resume x", 12));
        Assert.Equal(["a", "word-longer-than-a-line", "b"], WordWrap.Lines("a word-longer-than-a-line b", 10));
    }

    [Fact]
    public void Columns_are_aligned_only_where_they_fit()
    {
        Assert.Equal(["a   b   c"], WordWrap.Lines("a   b   c", 9));
        Assert.Equal(["a b c"], WordWrap.Lines("a   b   c", 5));
    }
}
