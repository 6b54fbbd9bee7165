using System.CommandLine;
using FedQueue.Aggregator.Runs;
using FedQueue.Cli.Simulation.Comparisons;
using FedQueue.Contracts;
using FedQueue.Worker.Training;
using Spectre.Console;

namespace FedQueue.Cli.Simulation;

/// <summary>Shows a run to a person: a bar for each participant on a terminal, plain lines elsewhere.</summary>
internal abstract class RunView(TextWriter output) : IDisposable
{
    /// <summary>Width of lines in a file: unlimited.</summary>
    private const int Unlimited = int.MaxValue;

    protected TextWriter Output { get; } = output;

    /// <summary>Most characters of a line.</summary>
    protected virtual int Width => Unlimited;

    /// <param name="run">What is trained.</param>
    /// <param name="participants">Their names, in ordinal order.</param>
    /// <param name="resumed">Where the run goes on; null when it begins.</param>
    /// <param name="shown">Where and how much.</param>
    public static RunView For(StartRun run, IReadOnlyList<string> participants, RunStanding? resumed, Shown shown)
    {
        var view = For(shown, run.Plan, participants, resumed);
        var engine = Engine.Choose(run.Plan.Training.Engine).Engine;
        view.Say($"Run {run.RunId}{(resumed is null ? "" : $" goes on in {resumed.Place(run.Plan.Rounds)}")}: "
            + $"{(participants.Count == 0 ? "" : $"{participants.Count:N0} participants, ")}{run.Plan.Rounds} rounds of {run.Plan.Training.Epochs} epochs, {run.Plan.Rule}, seed {run.Plan.Seed}, "
            + $"engine {(engine == Engine.Simd ? $"{engine}, vectors of {SimdTrainer.VectorBits} bits" : engine)}");
        return view;
    }

    private static RunView For(Shown shown, RunPlan plan, IReadOnlyList<string> participants, RunStanding? resumed)
    {
        var output = shown.Json ? Console.Error : Console.Out;
        if (shown.Quiet)
            return new QuietView(output);

        var terminal = AnsiConsole.Create(new AnsiConsoleSettings { Out = new TerminalOutput(shown.Json) });
        return terminal.Profile.Out.IsTerminal && terminal.Profile.Capabilities.Interactive && Environment.GetEnvironmentVariable("TERM") != "dumb"
            ? new BarView(terminal, plan, participants, resumed, output)
            : new LineView(output, TimeProvider.System);
    }

    /// <summary>A line above whatever else is shown.</summary>
    public abstract void Say(string line);

    /// <summary>Shows what must not be missed.</summary>
    public virtual void Warn(string line) => Say(line);

    public abstract void Progress(TrainingProgressed progress);

    /// <summary>Told every second.</summary>
    /// <param name="sentence">What is awaited, from whom and for how long still.</param>
    /// <param name="awaited">Participants whose answer the open round waits for; empty when it is not they who are awaited.</param>
    public abstract void Waiting(string sentence, IReadOnlyCollection<string> awaited);

    /// <summary>A round ended, so the errors of the weights it started from are known.</summary>
    /// <param name="model">Those weights.</param>
    /// <param name="initial">The weights before the first round.</param>
    /// <param name="plan">What is trained.</param>
    public virtual void RoundDone(ModelSummary model, ModelSummary initial, RunPlan plan)
    {
        var name = model.Round == 0 ? "initial model" : $"after round {model.Round}/{plan.Rounds}";
        var columns = ErrorColumns.Of([model]);

        var each = string.Join("  ", columns.Headers.Zip(columns.Cells(model), (header, cell) => $"{header} {cell}"));
        Say($"{name,-18} MSE {Figure.Of(model.Mse)}  MAE {Figure.Of(model.Mae)}  RMSE {Figure.Of(model.Rmse)}   ({each}{(columns.AreMany ? $" of {columns.Names.Count:N0}" : "")})");
        if (Divergence.OfRound(plan, model.Round, initial.Rmse, model.Rmse) is { } warning)
            Warn($"  {warning}");
    }

    /// <summary>The last line of all, in one piece: a terminal's view would break a command that is to be copied.</summary>
    public void SayLast(string line)
    {
        Close();
        Output.WriteLine(line);
    }

    /// <summary>A line below everything else about work that goes on.</summary>
    public virtual void SayAside(string line) => SayLast(line);

    public void ShowEnd(RunSummary run, string modelPath)
    {
        Close();
        Output.WriteLine();
        if (run.Reason is not null)
        {
            Output.WriteLine($"Run {run.Id} {(run.Status == "failed" ? "failed" : "was cancelled")}: {run.Reason}");
            return;
        }

        foreach (var line in RunReport.Lines(run, Width))
            Output.WriteLine(line);
        Output.WriteLine($"Model: {modelPath}");
        foreach (var warning in run.Warnings)
            Output.WriteLine(warning);
    }

    /// <summary>Shows what the run stands beside, below everything else.</summary>
    public virtual void ShowComparison(RunComparison comparison, string unit)
    {
        foreach (var line in ComparisonText.Lines(comparison, unit, Width))
            SayLast(line);
    }

    public void Dispose() => Close();

    /// <summary>Ends whatever moves on the screen; may be called twice.</summary>
    protected abstract void Close();
}

/// <summary>How much of a run is shown, and where.</summary>
/// <param name="Json">Standard output is for the result alone, so everything else goes to standard error.</param>
/// <param name="Quiet">Only the result, and what must not be missed.</param>
internal sealed record Shown(bool Json, bool Quiet)
{
    public static Option<bool> QuietOption() => new("--quiet") { Description = "Print the result alone, without progress." };
}

/// <summary>The end of a run alone; what must not be missed goes to standard error.</summary>
internal sealed class QuietView(TextWriter output) : RunView(output)
{
    public override void Say(string line)
    {
    }

    public override void SayAside(string line)
    {
    }

    public override void Warn(string line) => Console.Error.WriteLine(line.Trim());

    public override void Progress(TrainingProgressed progress)
    {
    }

    public override void Waiting(string sentence, IReadOnlyCollection<string> awaited)
    {
    }

    protected override void Close()
    {
    }
}
