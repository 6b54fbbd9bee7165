using FedQueue.Cli.Simulation;
using FedQueue.Contracts;
using Microsoft.Extensions.Time.Testing;

namespace FedQueue.System.Tests.OneProcess;

public sealed class LineViewTests : IDisposable
{
    private const string Sentence = "round 1: 1 of 3 submissions, waiting for a, b";

    private readonly StringWriter output = new();
    private readonly FakeTimeProvider clock = new();
    private readonly LineView view;

    public LineViewTests() => view = new LineView(output, clock);

    public void Dispose()
    {
        view.Dispose();
        output.Dispose();
    }

    [Fact]
    public void Nothing_is_said_of_a_wait_while_everybody_who_is_awaited_makes_progress()
    {
        foreach (var epoch in Enumerable.Range(1, 60))
        {
            Progress("a", epoch);
            Progress("b", epoch);
            Seconds(1, "a", "b");
        }

        Assert.Equal(0, Told);
    }

    [Fact]
    public void Whom_the_round_waits_for_is_said_every_ten_seconds_although_others_make_progress()
    {
        foreach (var epoch in Enumerable.Range(1, 35))
        {
            Progress("a", epoch);
            Seconds(1, "a", "b");
        }

        Assert.Equal(3, Told);
    }

    [Fact]
    public void A_participant_that_falls_silent_is_named_ten_seconds_later()
    {
        Progress("a", 1);
        Seconds(9, "a");
        Assert.Equal(0, Told);

        Seconds(1, "a");
        Assert.Equal(1, Told);

        Progress("a", 2);
        Seconds(9, "a");
        Assert.Equal(1, Told);
    }

    [Fact]
    public void A_wait_for_nobody_in_particular_is_said_once_nothing_new_was_shown_for_ten_seconds()
    {
        Seconds(9);
        view.Say("news");
        Seconds(9);
        Assert.Equal(0, Told);

        Seconds(12);
        Assert.Equal(2, Told);
    }

    private int Told => output.ToString().Split('\n').Count(line => line.TrimEnd() == $"  {Sentence}");

    private void Seconds(int count, params string[] awaited)
    {
        for (var second = 0; second < count; second++)
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            view.Waiting(Sentence, awaited);
        }
    }

    private void Progress(string participant, int epoch) => view.Progress(
        new TrainingProgressed { RunId = "run", Round = 1, Participant = participant, Epoch = epoch, Epochs = 100, Loss = 0.5 });
}
