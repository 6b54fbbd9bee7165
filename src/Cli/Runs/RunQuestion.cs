using System.CommandLine;
using FedQueue.Aggregator.Storage;
using FedQueue.Cli.Simulation;

namespace FedQueue.Cli.Runs;

/// <summary>A question about one run, to its database in a local folder or to an aggregator.</summary>
/// <param name="Path">What its address has after <c>/api/runs/{id}</c>.</param>
/// <param name="Load">Finds the answer in the database; null when it does not know the run.</param>
/// <param name="Lines">The answer for people.</param>
/// <param name="ExitStatus">What the answer means for a script.</param>
internal sealed record RunQuestion<T>(
    string Path, Func<FedQueueDbContext, string, CancellationToken, Task<T?>> Load, Func<T, IEnumerable<string>> Lines, Func<T, int> ExitStatus)
    where T : class
{
    public Command Command(string name, string description)
    {
        var run = new Argument<string>("run") { Description = "Id of the run." };
        var output = new Option<string>("--out") { Description = "Folder of the runs of 'simulate'.", DefaultValueFactory = _ => RunFolder.DefaultOutput };
        var (server, key) = (ServerOptions.Server(), ServerOptions.Key());
        var json = Answer.Json();

        var command = new Command(name, $"{description}{Environment.NewLine}Example: fedqueue run {name} compose --server http://localhost:8080") { run, output, server, key, json };
        command.SetAction((arguments, cancellationToken) => Answer.Run(async () =>
        {
            var id = arguments.GetRequiredValue(run);
            var answer = ServerOptions.Choose(arguments, server, output) is { } address
                ? await Ask(address, arguments.GetValue(key), id, cancellationToken)
                : await Look(RunFolder.Find(arguments.GetRequiredValue(output), id), cancellationToken);

            Answer.Print(answer, arguments.GetValue(json), Lines(answer));
            return ExitStatus(answer);
        }));
        return command;
    }

    private async Task<T> Ask(string server, string? key, string runId, CancellationToken cancellationToken)
    {
        using var aggregator = ServerOptions.Connect(server, key);
        return await aggregator.Get<T>($"api/runs/{Uri.EscapeDataString(runId)}{Path}", cancellationToken);
    }

    private async Task<T> Look(RunFolder folder, CancellationToken cancellationToken)
    {
        await using var database = LocalDatabase.Open(folder.Database);
        return await database.IsEmpty(cancellationToken)
            ? throw folder.NotStored()
            : await database.Read(db => Load(db, folder.RunId, cancellationToken), cancellationToken) ?? throw folder.NotStored();
    }
}
