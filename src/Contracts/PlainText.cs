using System.Globalization;
using System.Text;

namespace FedQueue.Contracts;

/// <summary>Text that others have written, made harmless for a terminal, a log and a page.</summary>
public static class PlainText
{
    /// <summary>
    /// The text with each control character as <c>\x1b</c>, and each invisible one that reorders text as <c>\u202e</c>: a terminal would obey the first, and
    /// a reader would be deceived by the second (https://www.unicode.org/reports/tr36/).
    /// </summary>
    /// <param name="text">What somebody has sent or written into a file.</param>
    /// <param name="keep">Control characters that stay as they are, such as line breaks.</param>
    public static string Of(string text, string keep = "")
    {
        if (!text.Any(c => IsHidden(c) && !keep.Contains(c)))
            return text;

        var plain = new StringBuilder(text.Length + 8);
        foreach (var c in text)
        {
            if (!IsHidden(c) || keep.Contains(c))
                plain.Append(c);
            else if (c < ' ')
                plain.Append(CultureInfo.InvariantCulture, $"\\x{(int)c:x2}");
            else
                plain.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
        }

        return plain.ToString();
    }

    private static bool IsHidden(char c) => char.IsControl(c) || c is '\u2028' or '\u2029' or '\u200e' or '\u200f' or (>= '\u202a' and <= '\u202e') or (>= '\u2066' and <= '\u2069');
}
