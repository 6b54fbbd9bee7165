using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace FedQueue.Cli;

/// <summary>How every command answers: text for people or one line of JSON.</summary>
internal static class Answer
{
    // A command to copy must not have its quotes escaped.
    private static readonly JsonSerializerOptions OneLine = new(JsonSerializerDefaults.Web) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static Option<bool> Json() => new("--json") { Description = "Print the answer as one line of JSON." };

    public static void Print<T>(T answer, bool json, IEnumerable<string> lines)
    {
        foreach (var line in json ? [OneLineOf(answer)] : lines)
            Console.Out.WriteLine(line);
    }

    public static string OneLineOf<T>(T answer) => JsonSerializer.Serialize(answer, OneLine);
}
