using System.Text.RegularExpressions;

namespace FedQueue.Cli;

/// <summary>Breaks sentences between words, where a narrow terminal would break them anywhere.</summary>
internal static partial class WordWrap
{
    /// <summary>The text in lines; a word that is longer than a line stays whole, and so does a command, which somebody may want to copy.</summary>
    /// <param name="text">One line; where it does not fit, its columns are not aligned any more either.</param>
    /// <param name="width">Most characters of a line.</param>
    public static IEnumerable<string> Lines(string text, int width)
    {
        if (text.Length <= width)
            return [text];

        var indent = text[..(text.Length - text.TrimStart().Length)];
        List<string> lines = [];
        var line = "";
        foreach (var word in Words().Matches(text).Select(match => match.Value))
        {
            if (line.Length > 0 && line.Length + 1 + word.Length > width)
            {
                lines.Add(line);
                line = "";
            }

            line = line.Length == 0 ? indent + word : $"{line} {word}";
        }

        return [.. lines, line];
    }

    [GeneratedRegex(@"(\./)?\bfedqueue [a-z].*|\S+")]
    private static partial Regex Words();
}
