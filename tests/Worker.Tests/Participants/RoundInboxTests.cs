using FedQueue.Contracts;
using FedQueue.Worker.Participants;

namespace FedQueue.Worker.Tests.Participants;

public sealed class RoundInboxTests
{
    [Fact]
    public async Task A_newer_round_cancels_the_one_in_training()
    {
        using var inbox = new RoundInbox();
        inbox.Put(Round(1));
        var (first, superseded) = await inbox.Take(CancellationToken.None);

        inbox.Put(Round(2));

        Assert.Equal(1, first.Round);
        Assert.True(superseded.IsCancellationRequested);
        inbox.Done();
        Assert.Equal(2, (await inbox.Take(CancellationToken.None)).Round.Round);
    }

    [Fact]
    public async Task A_round_that_is_over_is_left_and_its_copies_are_not_taken_again()
    {
        using var inbox = new RoundInbox();
        inbox.Put(Round(1));
        var (first, superseded) = await inbox.Take(CancellationToken.None);

        inbox.Learn(Guid.NewGuid(), RoundStanding.Closed);
        inbox.Learn(first.RoundId, RoundStanding.Open);
        Assert.False(superseded.IsCancellationRequested);
        inbox.Learn(first.RoundId, RoundStanding.Closed);

        Assert.True(superseded.IsCancellationRequested);
        inbox.Done();
        inbox.Put(Round(1));
        Assert.False(inbox.HasRound);
        inbox.Put(Round(2));
        Assert.Equal(2, (await inbox.Take(CancellationToken.None)).Round.Round);
    }

    [Fact]
    public async Task A_round_that_waits_and_is_over_is_not_taken()
    {
        using var inbox = new RoundInbox();
        inbox.Put(Round(1));

        inbox.Learn(Round(1).RoundId, RoundStanding.Closed);

        var taking = inbox.Take(CancellationToken.None);
        Assert.False(taking.IsCompleted);
        inbox.Put(Round(2));
        Assert.Equal(2, (await taking).Round.Round);
    }

    /// <summary>Forged, or of a database that went back to a backup.</summary>
    [Fact]
    public async Task A_round_that_never_was_is_left_and_does_not_keep_out_the_one_that_is()
    {
        using var inbox = new RoundInbox();
        inbox.Put(Round(9));
        var (_, superseded) = await inbox.Take(CancellationToken.None);

        inbox.Learn(Round(9).RoundId, RoundStanding.Unknown);

        Assert.True(superseded.IsCancellationRequested);
        inbox.Done();
        Assert.Null(inbox.NewestRoundId);
        inbox.Put(Round(9));
        inbox.Put(Round(2));
        Assert.Equal(2, (await inbox.Take(CancellationToken.None)).Round.Round);
    }

    [Fact]
    public async Task What_comes_after_the_answer_is_not_stopped_because_the_round_is_over()
    {
        using var inbox = new RoundInbox();
        inbox.Put(Round(1));
        var (_, superseded) = await inbox.Take(CancellationToken.None);
        inbox.Answered();

        inbox.Learn(Round(1).RoundId, RoundStanding.Closed);

        Assert.False(superseded.IsCancellationRequested);
    }

    [Fact]
    public void Who_asks_is_asked_once_for_all_that_has_happened()
    {
        using var inbox = new RoundInbox();
        inbox.Ask();
        inbox.Ask();
        Assert.True(inbox.Doubt.IsCompleted);

        inbox.Asked();

        Assert.False(inbox.Doubt.IsCompleted);
    }

    [Fact]
    public async Task Only_the_newest_of_several_waiting_rounds_is_taken()
    {
        using var inbox = new RoundInbox();
        inbox.Put(Round(1));
        inbox.Put(Round(2));
        inbox.Put(Round(3));

        Assert.Equal(3, (await inbox.Take(CancellationToken.None)).Round.Round);
        inbox.Done();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => inbox.Take(new CancellationToken(canceled: true)));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(1)]
    public async Task Copies_and_older_rounds_of_the_run_disturb_nothing(int number)
    {
        using var inbox = new RoundInbox();
        inbox.Put(Round(2));
        var (_, superseded) = await inbox.Take(CancellationToken.None);

        inbox.Put(Round(number));

        Assert.False(superseded.IsCancellationRequested);
        inbox.Done();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => inbox.Take(new CancellationToken(canceled: true)));
    }

    [Fact]
    public async Task Another_run_may_begin_again_at_round_1()
    {
        using var inbox = new RoundInbox();
        inbox.Put(Round(9));
        inbox.Put(Round(1, "next"));

        Assert.Equal("next", (await inbox.Take(CancellationToken.None)).Round.RunId);
    }

    private static RoundStarted Round(int number, string run = "run") => SessionTests.Round(run, number, []);
}
