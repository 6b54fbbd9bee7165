using System.Globalization;
using FedQueue.Aggregator.Runs;
using FedQueue.Contracts;
using FedQueue.Worker.Training;
using Spectre.Console;

namespace FedQueue.Cli.Simulation;

/// <summary>Shows a run to a person: a bar for each participant on a terminal, plain lines elsewhere.</summary>
internal abstract class RunView(TextWriter output) : IDisposable
{
    protected TextWriter Output { get; } = output;

    /// <param name="run">What is trained.</param>
    /// <param name="participants">Their names, in ordinal order.</param>
    /// <param name="resumed">Where the run goes on; null when it begins.</param>
    /// <param name="json">Standard output is for the result alone.</param>
    public static RunView For(StartRun run, IReadOnlyList<string> participants, RunStanding? resumed, bool json)
    {
        var output = json ? Console.Error : Console.Out;
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output) });
        RunView view = console.Profile.Out.IsTerminal && console.Profile.Capabilities.Interactive && Environment.GetEnvironmentVariable("TERM") != "dumb"
            ? new BarView(console, run.Plan, participants, resumed, output)
            : new LineView(output, TimeProvider.System);
        var engine = Engine.Choose(run.Plan.Training.Engine).Engine;
        view.Say($"Run {run.RunId}{(resumed is null ? "" : $" goes on in {resumed.Place(run.Plan.Rounds)}")}: "
            + $"{participants.Count} participants, {run.Plan.Rounds} rounds of {run.Plan.Training.Epochs} epochs, {run.Plan.Rule}, seed {run.Plan.Seed}, "
            + $"engine {(engine == Engine.Simd ? $"{engine}, vectors of {SimdTrainer.VectorBits} bits" : engine)}");
        return view;
    }

    /// <summary>A line above whatever else is shown.</summary>
    public abstract void Say(string line);

    public abstract void Progress(TrainingProgressed progress);

    /// <summary>Told every second.</summary>
    /// <param name="sentence">What is awaited, from whom and for how long still.</param>
    /// <param name="awaited">Participants whose answer the open round waits for; empty when it is not they who are awaited.</param>
    public abstract void Waiting(string sentence, IReadOnlyCollection<string> awaited);

    /// <summary>A round ended, so the errors of the weights it started from are known.</summary>
    public virtual void RoundDone(ModelSummary model, int rounds)
    {
        var name = model.Round == 0 ? "initial model" : $"after round {model.Round}/{rounds}";
        var each = string.Join("  ", model.Participants.Select(p => $"{p.Name} {Number(p.Rmse)}"));
        Say($"{name,-18} MSE {Number(model.Mse)}  MAE {Number(model.Mae)}  RMSE {Number(model.Rmse)}   ({each})");
    }

    /// <summary>The last line of all, in one piece: a terminal's view would break a command that is to be copied.</summary>
    public void SayLast(string line)
    {
        Close();
        Output.WriteLine(line);
    }

    public void ShowEnd(RunSummary run, string modelPath)
    {
        Close();
        Output.WriteLine();
        if (run.Reason is not null)
        {
            Output.WriteLine($"Run {run.Id} {(run.Status == "failed" ? "failed" : "was cancelled")}: {run.Reason}");
            return;
        }

        Output.WriteLine(RunReport.Table(run));
        Output.WriteLine($"Model: {modelPath}");
    }

    public void Dispose() => Close();

    /// <summary>Ends whatever moves on the screen; may be called twice.</summary>
    protected abstract void Close();

    private static string Number(double? value) => value?.ToString("0.0000", CultureInfo.InvariantCulture) ?? "-";
}
