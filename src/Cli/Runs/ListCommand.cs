using System.CommandLine;
using FedQueue.Aggregator.Runs;
using FedQueue.Cli.Simulation;
using FedQueue.Contracts;

namespace FedQueue.Cli.Runs;

/// <summary><c>fedqueue run list</c>.</summary>
internal static class ListCommand
{
    public static Command Create()
    {
        var output = new Option<string>("--out") { Description = "Folder of the runs of 'simulate'.", DefaultValueFactory = _ => RunFolder.DefaultOutput };
        var (server, key, json) = (ServerOptions.Server(), ServerOptions.Key(), Answer.Json());
        var command = new Command("list", $"List all runs, oldest first.{Environment.NewLine}Example: fedqueue run list --server http://localhost:8080") { output, server, key, json };
        command.SetAction(async (arguments, cancellationToken) =>
        {
            var runs = ServerOptions.Choose(arguments, server, output) is { } address
                ? await Ask(address, arguments.GetValue(key), cancellationToken)
                : await Look(arguments.GetRequiredValue(output), cancellationToken);
            Answer.Print(runs, arguments.GetValue(json), SummaryText.Lines(runs));
            return ExitStatus.Done;
        });
        return command;
    }

    private static async Task<IReadOnlyList<RunListing>> Ask(string server, string? key, CancellationToken cancellationToken)
    {
        using var aggregator = ServerOptions.Connect(server, key);
        return await aggregator.Get<IReadOnlyList<RunListing>>("api/runs", cancellationToken);
    }

    /// <summary>Each run of <c>simulate</c> has a database of its own.</summary>
    private static async Task<IReadOnlyList<RunListing>> Look(string output, CancellationToken cancellationToken)
    {
        List<RunListing> runs = [];
        foreach (var folder in RunFolder.All(output))
        {
            await using var database = LocalDatabase.Open(folder.Database);
            if (!await database.IsEmpty(cancellationToken))
                runs.AddRange(await database.Read(db => RunListing.LoadAll(db, cancellationToken), cancellationToken));
        }

        return runs;
    }
}
