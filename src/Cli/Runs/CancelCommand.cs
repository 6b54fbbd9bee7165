using System.CommandLine;
using FedQueue.Aggregator.Runs;

namespace FedQueue.Cli.Runs;

/// <summary><c>fedqueue run cancel</c>.</summary>
internal static class CancelCommand
{
    public static Command Create()
    {
        var (server, key, json) = (ServerOptions.RequiredServer(), ServerOptions.Key(), Answer.Json());
        var run = ServerOptions.Run(server, key);
        var command = new Command("cancel", $"Cancel a run at an aggregator; the next one may start.{Environment.NewLine}Example: fedqueue run cancel compose --server http://localhost:8080")
        {
            run, server, key, json,
        };
        command.SetAction(async (arguments, cancellationToken) =>
        {
            using var aggregator = ServerOptions.Connect(arguments.GetValue(server), arguments.GetValue(key));
            var cancelled = await aggregator.Post<RunSummary>($"api/runs/{Uri.EscapeDataString(arguments.GetRequiredValue(run))}/cancel", new { }, cancellationToken);
            Answer.Print(cancelled, arguments.GetValue(json), [$"Run {cancelled.Id} was cancelled."]);
            return ExitStatus.Done;
        });
        return command;
    }
}
