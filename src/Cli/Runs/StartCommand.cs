using System.CommandLine;
using FedQueue.Aggregator.Runs;
using FedQueue.Cli.Simulation;
using FedQueue.Cli.Simulation.Comparisons;

namespace FedQueue.Cli.Runs;

/// <summary><c>fedqueue run start</c>.</summary>
internal static class StartCommand
{
    public static Command Create()
    {
        var id = new Option<string?>("--id") { Description = "Id of the run. Default: a name made of the time." };
        var (watch, quiet) = (new Option<bool>("--watch") { Description = "Watch the run until it has ended." }, Shown.QuietOption());
        var compare = CompareOption.ForAggregator();
        var (server, key, json) = (ServerOptions.RequiredServer(), ServerOptions.Key(), Answer.Json());
        var command = new Command("start", $"Start a run at an aggregator.{Environment.NewLine}Example: fedqueue run start --server http://localhost:8080 --rounds 3 --epochs 20 --watch")
        {
            server, key, id, watch, compare, json, quiet,
        };
        PlanOptions.AddForAggregator(command);
        command.SetAction(async (arguments, cancellationToken) =>
        {
            using var aggregator = ServerOptions.Connect(arguments.GetValue(server), arguments.GetValue(key));
            var form = RunForm.From(arguments.GetValue(id), PlanOptions.ReadForAggregator(arguments) with { CompareLocal = arguments.GetValue(compare) == Compared.Local });
            var run = await aggregator.Post<RunSummary>("api/runs", form, cancellationToken);
            if (arguments.GetValue(watch))
                return await WatchCommand.Watch(aggregator, run.Id, new Shown(arguments.GetValue(json), arguments.GetValue(quiet)), cancellationToken);

            Answer.Print(run, arguments.GetValue(json), [.. SummaryText.Lines(run), $"To watch it: fedqueue run watch {run.Id} --server {aggregator.Address}"]);
            return ExitStatus.Done;
        });
        return command;
    }
}
