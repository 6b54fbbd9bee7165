using System.Globalization;
using FedQueue.Aggregator.Runs;
using FedQueue.Contracts;
using FedQueue.Worker.Data;
using Spectre.Console;

namespace FedQueue.Cli.Simulation;

/// <summary>Shows a run to a person: a bar for each participant on a terminal, plain lines elsewhere.</summary>
internal abstract class RunView(TextWriter output) : IDisposable
{
    protected TextWriter Output { get; } = output;

    public static RunView For(StartRun run, IReadOnlyList<ParticipantSource> participants, bool json)
    {
        var output = json ? Console.Error : Console.Out;
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output) });
        RunView view = console.Profile.Out.IsTerminal && console.Profile.Capabilities.Interactive
            ? new BarView(console, run.Plan, participants, output)
            : new LineView(output);
        view.Say($"Run {run.RunId}: {participants.Count} participants, {run.Plan.Rounds} rounds of {run.Plan.Training.Epochs} epochs, "
            + $"{run.Plan.Rule}, seed {run.Plan.Seed}");
        return view;
    }

    /// <summary>A line above whatever else is shown.</summary>
    public abstract void Say(string line);

    public abstract void Progress(TrainingProgressed progress);

    /// <summary>A round ended, so the errors of the weights it started from are known.</summary>
    public void RoundDone(int round, RunSummary run)
    {
        var model = run.Models[round - 1];
        var name = model.Round == 0 ? "initial model" : $"after round {model.Round}/{run.Rounds}";
        var each = string.Join("  ", model.Participants.Select(p => $"{p.Name} {Number(p.Rmse)}"));
        Say($"{name,-18} MSE {Number(model.Mse)}  MAE {Number(model.Mae)}  RMSE {Number(model.Rmse)}   ({each})");
    }

    public void ShowEnd(RunSummary run, string modelPath)
    {
        Close();
        Output.WriteLine();
        if (run.Reason is not null)
        {
            Output.WriteLine($"Run {run.Id} failed: {run.Reason}");
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

/// <summary>For files and pipes: one line for each thing that happens, progress at most every two seconds a participant.</summary>
internal sealed class LineView(TextWriter output) : RunView(output)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);
    private readonly Dictionary<string, DateTime> shown = [];

    public override void Say(string line) => Output.WriteLine(line);

    public override void Progress(TrainingProgressed progress)
    {
        if (progress.Epoch < progress.Epochs && DateTime.UtcNow - shown.GetValueOrDefault(progress.Participant) < Interval)
            return;

        shown[progress.Participant] = DateTime.UtcNow;
        Output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"  round {progress.Round}: {progress.Participant} epoch {progress.Epoch}/{progress.Epochs}, loss {progress.Loss:0.000000}"));
    }

    protected override void Close() => Output.Flush();
}

/// <summary>For terminals.</summary>
internal sealed class BarView : RunView
{
    private readonly IAnsiConsole console;
    private readonly Dictionary<string, ProgressTask> bars = [];
    private readonly TaskCompletionSource closing = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task drawing;
    private readonly int epochs;

    public BarView(IAnsiConsole console, RunPlan plan, IReadOnlyList<ParticipantSource> participants, TextWriter output) : base(output)
    {
        this.console = console;
        epochs = plan.Training.Epochs;
        drawing = console.Progress().AutoClear(true)
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .StartAsync(async progress =>
            {
                foreach (var participant in participants)
                    bars[participant.Participant] = progress.AddTask($"{participant.Participant}: waiting for round 1", maxValue: (double)plan.Rounds * epochs);
                await closing.Task;
            });
    }

    public override void Say(string line) => console.WriteLine(line);

    public override void Progress(TrainingProgressed progress)
    {
        var bar = bars[progress.Participant];
        bar.Value = (progress.Round - 1.0) * epochs + progress.Epoch;
        bar.Description = string.Create(CultureInfo.InvariantCulture,
            $"{progress.Participant}: round {progress.Round}, epoch {progress.Epoch}/{progress.Epochs}, loss {progress.Loss:0.000000}");
    }

    protected override void Close()
    {
        closing.TrySetResult();
        drawing.GetAwaiter().GetResult();
    }
}
