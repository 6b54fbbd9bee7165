using System.CommandLine;
using System.CommandLine.Completions;
using FedQueue.Aggregator.Runs;
using FedQueue.Cli.Simulation;
using FedQueue.Contracts;

namespace FedQueue.Cli.Runs;

/// <summary>Ids of runs for a shell that completes a command.</summary>
internal static class RunCompletions
{
    /// <summary>A shell waits for the answer while somebody types.</summary>
    private static readonly TimeSpan AnswersWithin = TimeSpan.FromSeconds(1);

    /// <summary>Runs in a folder, newest first.</summary>
    public static IEnumerable<CompletionItem> Local(ParseResult arguments, Option<string> output) =>
        RunFolder.All(arguments.GetValue(output) ?? RunFolder.DefaultOutput).Select(folder => new CompletionItem(folder.RunId)).Reverse();

    /// <summary>Runs of the aggregator that is named; none when it does not answer at once.</summary>
    public static IEnumerable<CompletionItem> OfServer(string? server, string? key)
    {
        try
        {
            using var limit = new CancellationTokenSource(AnswersWithin);
            using var aggregator = ServerOptions.Connect(server, key);
            return [.. aggregator.Get<IReadOnlyList<RunListing>>("api/runs", limit.Token).GetAwaiter().GetResult().Select(run => new CompletionItem(run.Id)).Reverse()];
        }
        catch (Exception exception) when (exception is StartupException or OperationCanceledException)
        {
            // The shell shows what is written: better nothing than a sentence.
            return [];
        }
    }
}
