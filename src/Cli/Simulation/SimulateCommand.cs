using System.CommandLine;
using FedQueue.Cli.Runs;
using FedQueue.Cli.Simulation.Comparisons;
using FedQueue.Contracts;

namespace FedQueue.Cli.Simulation;

/// <summary><c>fedqueue simulate</c>: a whole federation in one process.</summary>
internal static class SimulateCommand
{
    private const string DefaultData = "Data";

    private static readonly Option<string> Data = new("--data") { Description = "Folder with one CSV a participant.", DefaultValueFactory = _ => DefaultData };
    private static readonly Option<string> Output = new("--out") { Description = "Folder in which the run gets a folder of its own.", DefaultValueFactory = _ => RunFolder.DefaultOutput };
    private static readonly Option<string?> Resume = new("--resume")
    {
        Description = "Go on with the interrupted run of this id, with the plan that it has; --data is needed only if the data has moved.",
    };
    private static readonly Option<bool> Json = new("--json") { Description = "Print the result as one JSON object on the last line; everything else goes to standard error." };
    private static readonly Option<bool> Quiet = Shown.QuietOption();

    private static readonly Option<Compared> Compare = CompareOption.Create();

    private static readonly Option<string?> Report = new("--report") { Description = "Folder to which a page with the tables and charts of the completed run is written, RUN.html." };

    public static Command Create()
    {
        var command = new Command("simulate", $"Train a federation in one process: an aggregator and a worker for each participant, over an in-memory queue.{Environment.NewLine}Example: fedqueue simulate --data Data --rounds 3 --epochs 20")
        {
            Data, Output, Resume, Compare, Report, Json, Quiet,
        };
        if (Resume.CompletionSources.Count == 0)
            Resume.CompletionSources.Add(context => RunCompletions.Local(context.ParseResult, Output));
        PlanOptions.AddTo(command);
        command.SetAction(Run);
        return command;
    }

    private static async Task<int> Run(ParseResult arguments, CancellationToken cancellationToken)
    {
        // Ctrl+C is listened for once the command has given back its first task, so it must do so before the long work.
        await Task.Yield();
        var shown = new Shown(arguments.GetValue(Json), arguments.GetValue(Quiet));
        var output = arguments.GetRequiredValue(Output);
        if (arguments.GetValue(Resume) is not { } runId)
            return await NewRun.Begin(
                arguments, arguments.GetRequiredValue(Data), output, new Ending(arguments.GetValue(Compare), arguments.GetValue(Report)), shown, cancellationToken);

        if (PlanOptions.Given(arguments) is { Count: > 0 } given)
            throw new StartupException(
                $"{string.Join(", ", given)} cannot go with --resume: the plan of a run is fixed when it begins. Leave {(given.Count == 1 ? "it" : "them")} out, or start a new run.");
        var folder = RunFolder.Find(output, runId);

        // What was asked for at the beginning holds until something else is asked for.
        var ending = Ending.AskedFor(folder);
        if (IsGiven(Compare))
            ending = ending with { Compared = arguments.GetValue(Compare) };
        if (IsGiven(Report))
            ending = ending with { Report = arguments.GetValue(Report) };
        return await ResumedRun.GoOn(folder, IsGiven(Data) ? arguments.GetValue(Data) : null, ending, shown, cancellationToken);

        bool IsGiven(Option option) => arguments.GetResult(option) is { Implicit: false };
    }
}
