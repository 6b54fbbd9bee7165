using System.Globalization;
using FedQueue.Aggregator.Runs;
using FedQueue.Contracts;
using Spectre.Console;

namespace FedQueue.Cli.Simulation;

/// <summary>For terminals: a bar for each participant, or one for many, and below them what is awaited now.</summary>
internal sealed class BarView : RunView
{
    /// <summary>Narrower terminals have no room for a bar beside the words.</summary>
    private const int LeastWidthForBars = 70;

    private readonly IAnsiConsole console;
    private readonly Dictionary<string, ProgressTask> bars = [];
    private readonly Dictionary<string, double> done = [];
    private readonly TaskCompletionSource closing = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task drawing;
    private readonly RunPlan plan;
    private readonly int participantCount;
    private Func<string, double, ProgressTask> newBar = (_, _) => throw new InvalidOperationException("Nothing is drawn yet.");
    private volatile string awaited = "";

    public BarView(IAnsiConsole console, RunPlan plan, IReadOnlyList<string> participants, RunStanding? resumed, TextWriter output) : base(output)
    {
        (this.console, this.plan, participantCount) = (console, plan, participants.Count);
        var round = resumed?.Round ?? 1;
        var description = new TaskDescriptionColumn { Alignment = Justify.Left };
        drawing = console.Progress().AutoClear(true)
            .Columns(IsNarrow ? [description] : [description, new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn()])
            .UseRenderHook((shown, _) => awaited.Length == 0 ? shown : new Rows(shown, new Text(awaited)))
            .StartAsync(async progress =>
            {
                newBar = (name, most) => progress.AddTask(Markup.Escape(PlainText.Of(name)), maxValue: most);
                foreach (var participant in participants)
                {
                    var submitted = resumed?.Submitted.Contains(participant) == true;
                    Advance(participant, (submitted ? round : round - 1.0) * plan.Training.Epochs, $"{(submitted ? "done with" : "waiting for")} round {round}");
                }

                await closing.Task;
            });
    }

    protected override int Width => console.Profile.Width;

    private bool IsNarrow => Width < LeastWidthForBars;

    private bool AreMany => participantCount > NameList.MostShown;

    /// <summary>Over the whole width: what was drawn there before would stay beside shorter text.</summary>
    public override void Say(string line)
    {
        foreach (var part in WordWrap.Lines(PlainText.Of(line), Width - 1))
            console.WriteLine(part.PadRight(Width - 1));
    }

    public override void Progress(TrainingProgressed progress) => Advance(
        progress.Participant,
        (progress.Round - 1.0) * plan.Training.Epochs + progress.Epoch,
        string.Create(CultureInfo.InvariantCulture, $"round {progress.Round}, epoch {progress.Epoch}/{progress.Epochs}")
            + (IsNarrow ? "" : $", loss {Figure.OfLoss(progress.Loss)}"));

    public override void Waiting(string sentence, IReadOnlyCollection<string> awaited) => this.awaited = PlainText.Of(sentence);

    /// <summary>With the best of each column in bold, and a bar for each error over all participants.</summary>
    public override void ShowComparison(RunComparison comparison, string unit)
    {
        const int longestBar = 20;
        var rows = comparison.Rows();
        var columns = new ErrorColumns([.. comparison.Federated.Participants.Keys.Order(StringComparer.Ordinal)]);
        if (IsNarrow || rows.Max(row => row.Errors.WeightedRmse) is not { } largest || largest <= 0)
        {
            base.ShowComparison(comparison, unit);
            return;
        }

        Close();
        var table = new Table().Border(TableBorder.None).AddColumn(Markup.Escape(PlainText.Of($"held-out RMSE, {unit}")));
        foreach (var header in columns.Headers.Prepend("weighted"))
            table.AddColumn(new TableColumn(header).RightAligned());
        table.AddColumn("");
        var errors = rows.Select(row => (double?[])[row.Errors.WeightedRmse, .. columns.Values(row.Errors.RmseOf)]).ToList();
        foreach (var (row, own) in rows.Zip(errors))
        {
            var cells = own.Select((error, column) => error is not null && error == errors.Min(other => other[column]) ? $"[bold]{Figure.Of(error)}[/]" : Figure.Of(error));
            var bar = new string('█', (int)Math.Round(longestBar * (row.Errors.WeightedRmse ?? 0) / largest));
            table.AddRow([row.Name, .. cells, bar]);
        }

        console.Write(table);
    }

    protected override void Close()
    {
        closing.TrySetResult();
        drawing.GetAwaiter().GetResult();
    }

    /// <param name="participant">Who has come further; it may have joined the run late and have no bar yet.</param>
    /// <param name="epochs">Finished in all rounds.</param>
    /// <param name="what">What it does, in words.</param>
    private void Advance(string participant, double epochs, string what)
    {
        var (all, most) = (plan.Rounds * (double)plan.Training.Epochs, AreMany ? participantCount : 1);
        var name = AreMany ? $"{participantCount:N0} participants" : participant;
        if (!bars.TryGetValue(name, out var bar))
            bars[name] = bar = newBar(name, all * most);

        done[participant] = epochs;
        bar.Value = AreMany ? done.Values.Sum() : epochs;
        if (!AreMany)
            bar.Description = Markup.Escape(PlainText.Of($"{participant}: {what}"));
    }
}
