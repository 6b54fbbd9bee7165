using System.Globalization;
using FedQueue.Aggregator.Runs;
using FedQueue.Contracts;
using Spectre.Console;

namespace FedQueue.Cli.Simulation;

/// <summary>For terminals: a bar a participant, and below them what is awaited now.</summary>
internal sealed class BarView : RunView
{
    private readonly IAnsiConsole console;
    private readonly Dictionary<string, ProgressTask> bars = [];
    private readonly TaskCompletionSource closing = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task drawing;
    private readonly int epochs;
    private Func<string, ProgressTask> newBar = _ => throw new InvalidOperationException("Nothing is drawn yet.");
    private volatile string awaited = "";

    public BarView(IAnsiConsole console, RunPlan plan, IReadOnlyList<string> participants, RunStanding? resumed, TextWriter output) : base(output)
    {
        this.console = console;
        epochs = plan.Training.Epochs;
        var round = resumed?.Round ?? 1;
        drawing = console.Progress().AutoClear(true)
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .UseRenderHook((shown, _) => awaited.Length == 0 ? shown : new Rows(shown, new Text(awaited)))
            .StartAsync(async progress =>
            {
                newBar = participant => progress.AddTask(participant, maxValue: (double)plan.Rounds * epochs);
                foreach (var participant in participants)
                {
                    var submitted = resumed?.Submitted.Contains(participant) == true;
                    var bar = newBar(participant);
                    bar.Description = $"{participant}: {(submitted ? "done with" : "waiting for")} round {round}";
                    bar.Value = (submitted ? round : round - 1.0) * epochs;
                    bars[participant] = bar;
                }

                await closing.Task;
            });
    }

    public override void Say(string line) => console.WriteLine(line);

    public override void Progress(TrainingProgressed progress)
    {
        // Who joins a run later has no bar yet.
        if (!bars.TryGetValue(progress.Participant, out var bar))
            bars[progress.Participant] = bar = newBar(progress.Participant);
        bar.Value = (progress.Round - 1.0) * epochs + progress.Epoch;
        bar.Description = string.Create(CultureInfo.InvariantCulture,
            $"{progress.Participant}: round {progress.Round}, epoch {progress.Epoch}/{progress.Epochs}, loss {progress.Loss:0.000000}");
    }

    public override void Waiting(string sentence, IReadOnlyCollection<string> awaited) => this.awaited = sentence;

    protected override void Close()
    {
        closing.TrySetResult();
        drawing.GetAwaiter().GetResult();
    }
}
