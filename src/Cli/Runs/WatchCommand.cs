using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using FedQueue.Aggregator.Runs;
using FedQueue.Aggregator.Storage;
using FedQueue.Cli.Simulation;
using FedQueue.Contracts;

namespace FedQueue.Cli.Runs;

/// <summary><c>fedqueue run watch</c>: the view of <c>simulate</c> for a run of an aggregator.</summary>
internal static class WatchCommand
{
    /// <summary>Rounds before the open one that are shown at the beginning.</summary>
    private const int EarlierShown = 10;

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    public static Command Create()
    {
        var (server, key, json, quiet) = (ServerOptions.RequiredServer(), ServerOptions.Key(), Answer.Json(), Shown.QuietOption());
        var run = ServerOptions.Run(server, key);
        var command = new Command("watch",
            $"Watch a run of an aggregator until it has ended, also across restarts of the aggregator. Exit status 1 when it failed or was cancelled.{Environment.NewLine}Example: fedqueue run watch compose --server http://localhost:8080")
        {
            run, server, key, json, quiet,
        };
        command.SetAction(async (arguments, cancellationToken) =>
        {
            using var aggregator = ServerOptions.Connect(arguments.GetValue(server), arguments.GetValue(key));
            return await Watch(aggregator, arguments.GetRequiredValue(run), new Shown(arguments.GetValue(json), arguments.GetValue(quiet)), cancellationToken);
        });
        return command;
    }

    /// <returns>The exit status.</returns>
    public static async Task<int> Watch(AggregatorClient aggregator, string runId, Shown shown, CancellationToken interrupted)
    {
        var started = Stopwatch.StartNew();
        var path = $"api/runs/{Uri.EscapeDataString(runId)}";
        var run = await aggregator.Get<RunSummary>(path, interrupted);
        var standing = await aggregator.Get<RunStanding>($"{path}/standing", interrupted);
        var participants = await aggregator.Get<RunParticipants>($"{path}/participants", interrupted);
        using var view = RunView.For(new StartRun { RunId = run.Id, Plan = run.Plan }, [.. participants.Participants.Select(p => p.Name)], standing is { HasEnded: false, Round: > 1 } ? standing : null, shown);
        foreach (var line in SummaryText.Standing(run))
            view.Say(line);

        // What was before, as who had watched from the beginning has seen it.
        var earlier = run.EndedAt is null ? run.Models.Where(model => model.Round < standing.Round - 1).ToList() : [];
        var initial = earlier.FirstOrDefault();
        foreach (var model in earlier.TakeLast(EarlierShown))
            view.RoundDone(model, initial!, run.Plan);

        long seen = 0;
        while (run.EndedAt is null)
        {
            try
            {
                await foreach (var item in aggregator.Events($"{path}/events{(seen > 0 ? $"?after={seen}" : "")}", interrupted))
                {
                    await Show(item.EventType, item.Data);
                    if (item.EventId is not null)
                        seen = long.Parse(item.EventId, System.Globalization.CultureInfo.InvariantCulture);
                }

                // The events end with the run, or with the connection.
                run = await aggregator.Get<RunSummary>(path, interrupted);
            }
            catch (StartupException exception)
            {
                view.Say($"  {exception.Message} The next try is in {Pause.TotalSeconds:0} s.");
                await Task.Delay(Pause, interrupted);
            }
        }

        view.ShowEnd(run, $"{aggregator.Address}{path}/model");
        foreach (var line in SummaryText.Comparison(run))
            view.SayLast(line);
        if (shown.Json)
            Console.Out.WriteLine(ResultJson.Of(run, run.Participants.Count, started.Elapsed, model: null, run.Comparison));
        return run.Reason is null ? ExitStatus.Done : ExitStatus.Failed;

        async Task Show(string type, string data)
        {
            switch (type)
            {
                case "progress":
                    view.Progress(Read<TrainingProgressed>(data));
                    break;
                case "standing" when Read<RunStanding>(data) is { Sentence: { } sentence } now:
                    view.Waiting(sentence, now.Awaited);
                    break;
                case "history" when Read<HistoryEvent>(data) is var happened:
                    if (happened.Kind == EventKind.RoundCompleted)
                    {
                        initial ??= await ModelOf(0);
                        view.RoundDone(await ModelOf(happened.Round!.Value - 1), initial, run.Plan);
                    }
                    else if (WorthSaying.Contains(happened.Kind))
                        view.Say($"  {happened.Kind}{(happened.Participant is null ? "" : $" ({happened.Participant})")}: {happened.Text}");
                    break;
            }
        }

        async Task<ModelSummary> ModelOf(int round) =>
            (await aggregator.Get<RunSummary>($"{path}?model={round}", interrupted)).Models.Single(model => model.Round == round);
    }

    /// <summary>What a person would miss in bars and tables.</summary>
    private static readonly string[] WorthSaying =
        [EventKind.RunStarted, EventKind.Late, EventKind.Quarantined, EventKind.TrainingFailed, EventKind.RoundFailed, EventKind.AggregatorStarted];

    private static T Read<T>(string data) => JsonSerializer.Deserialize<T>(data, AggregatorClient.Format)
        ?? throw new StartupException("The aggregator sent an empty event; it is of another version than this command.");
}
