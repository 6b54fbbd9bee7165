using System.CommandLine;
using FedQueue.Aggregator.Storage;
using FedQueue.Cli.Simulation;

namespace FedQueue.Cli.Runs;

/// <summary>A question about one run, to its database in a local folder or to an aggregator.</summary>
/// <param name="Path">What its address has after <c>/api/runs/{id}</c>.</param>
/// <param name="Load">Finds the answer in the database; null when it does not know the run.</param>
/// <param name="Lines">The answer for people.</param>
/// <param name="LastOf">What its lines are of, when only the last ones may be asked for; null: nothing that grows.</param>
/// <param name="ExitStatus">What the answer means for a script.</param>
internal sealed record RunQuestion<T>(
    string Path, Func<FedQueueDbContext, string, CancellationToken, Task<T?>> Load, Func<T, int?, IEnumerable<string>> Lines, Func<T, int> ExitStatus, string? LastOf = null)
    where T : class
{
    public Command Command(string name, string description)
    {
        var output = new Option<string>("--out") { Description = "Folder of the runs of 'simulate'.", DefaultValueFactory = _ => RunFolder.DefaultOutput };
        var (server, key) = (ServerOptions.Server(), ServerOptions.Key());
        var (run, json) = (ServerOptions.Run(server, key, output), Answer.Json());

        var command = new Command(name, $"{description}{Environment.NewLine}Example: fedqueue run {name} compose --server http://localhost:8080") { run, output, server, key, json };
        var last = new Option<int?>("--last") { Description = $"Show only so many of the newest {LastOf}." };
        last.Validators.Add(value =>
        {
            if (value.Tokens is [var token] && int.TryParse(token.Value, out var number) && number < 1)
                value.AddError($"--last is {value.Tokens[0].Value}; give a number from 1 on.");
        });
        if (LastOf is not null)
            command.Options.Add(last);
        command.SetAction(async (arguments, cancellationToken) =>
        {
            var id = arguments.GetRequiredValue(run);
            var answer = ServerOptions.Choose(arguments, server, output) is { } address
                ? await Ask(address, arguments.GetValue(key), id, cancellationToken)
                : await Look(RunFolder.Find(arguments.GetRequiredValue(output), id), cancellationToken);

            Answer.Print(answer, arguments.GetValue(json), Lines(answer, LastOf is null ? null : arguments.GetValue(last)));
            return ExitStatus(answer);
        });
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
