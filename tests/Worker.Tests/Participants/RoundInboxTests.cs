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
    public async Task A_cancelled_run_is_left_also_the_round_that_waits_and_no_other_run()
    {
        using var inbox = new RoundInbox();
        inbox.Put(Round(1));
        var (_, superseded) = await inbox.Take(CancellationToken.None);
        inbox.Cancel("another");
        Assert.False(superseded.IsCancellationRequested);

        inbox.Put(Round(2));
        inbox.Cancel(Round(2).RunId);

        Assert.True(superseded.IsCancellationRequested);
        inbox.Done();
        Assert.True((await inbox.Take(CancellationToken.None)).Superseded.IsCancellationRequested);
        inbox.Done();
        inbox.Put(Round(3));
        Assert.False(inbox.HasRound);
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
