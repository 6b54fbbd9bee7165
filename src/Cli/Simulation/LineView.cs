using System.Globalization;
using FedQueue.Aggregator.Runs;
using FedQueue.Contracts;

namespace FedQueue.Cli.Simulation;

/// <summary>
/// For files and pipes: one line for each thing that happens, progress at most every two seconds a participant, and every ten
/// seconds whom the round waits for while one of them is silent.
/// </summary>
internal sealed class LineView(TextWriter output, TimeProvider clock) : RunView(output)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(10);

    private readonly Dictionary<string, DateTimeOffset> shown = [];
    private readonly Dictionary<string, DateTimeOffset> heard = [];
    private DateTimeOffset roundSince = clock.GetUtcNow();
    private DateTimeOffset newestLine = clock.GetUtcNow();
    private DateTimeOffset newestWait;

    public override void Say(string line)
    {
        newestLine = clock.GetUtcNow();
        Output.WriteLine(line);
    }

    public override void Progress(TrainingProgressed progress)
    {
        var now = clock.GetUtcNow();
        heard[progress.Participant] = now;
        if (progress.Epoch < progress.Epochs && now - shown.GetValueOrDefault(progress.Participant) < Interval)
            return;

        shown[progress.Participant] = now;
        Say(string.Create(CultureInfo.InvariantCulture,
            $"  round {progress.Round}: {progress.Participant} epoch {progress.Epoch}/{progress.Epochs}, loss {Figure.OfLoss(progress.Loss)}"));
    }

    public override void Waiting(string sentence, IReadOnlyCollection<string> awaited)
    {
        // The progress of some does not hide that others are silent.
        var now = clock.GetUtcNow();
        var silent = awaited.Count == 0
            ? now - newestLine >= Quiet
            : awaited.Any(participant => now - NewestOf(participant) >= Quiet);
        if (!silent || now - newestWait < Quiet)
            return;

        newestWait = now;
        Say($"  {sentence}");
    }

    public override void RoundDone(ModelSummary model, ModelSummary initial, RunPlan plan)
    {
        roundSince = clock.GetUtcNow();
        base.RoundDone(model, initial, plan);
    }

    protected override void Close() => Output.Flush();

    private DateTimeOffset NewestOf(string participant)
    {
        var progress = heard.GetValueOrDefault(participant);
        return progress > roundSince ? progress : roundSince;
    }
}
