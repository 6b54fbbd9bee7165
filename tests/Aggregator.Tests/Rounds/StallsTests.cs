using FedQueue.Aggregator.Participants;
using FedQueue.Aggregator.Rounds;
using FedQueue.Aggregator.Storage;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace FedQueue.Aggregator.Tests.Rounds;

public sealed class StallsTests
{
    private static readonly Stall Worker = new("run", 1, StallReason.Worker);

    [Fact]
    public void A_wait_becomes_a_stall_at_its_second_look_and_is_told_once()
    {
        var stalls = new Stalls();

        Assert.Empty(stalls.Lasting([Worker]));
        Assert.Equal([Worker], stalls.Lasting([Worker]));
        Assert.Empty(stalls.Lasting([Worker]));
    }

    [Fact]
    public void A_wait_that_passes_is_none_and_one_that_returns_is_another()
    {
        var stalls = new Stalls();

        Assert.Empty(stalls.Lasting([Worker]));
        Assert.Empty(stalls.Lasting([]));
        Assert.Empty(stalls.Lasting([Worker]));
        Assert.Equal([Worker], stalls.Lasting([Worker]));
        Assert.Empty(stalls.Lasting([]));
        Assert.Empty(stalls.Lasting([Worker]));
        Assert.Equal([Worker], stalls.Lasting([Worker]));
    }

    [Fact]
    public void Only_what_nobody_works_on_is_a_stall()
    {
        var clock = new FakeTimeProvider();
        var leases = new Leases(Options.Create(new ParticipantOptions()), clock);
        var run = new RunRow { Id = "run", PlanJson = "{}", CreatedAt = clock.GetUtcNow(), Status = RunStatus.Running };
        var open = new RoundState { RunId = "run", Round = 1, Participants = ["a"] };
        var closed = new RoundState { RunId = "run", Round = 1, ClosedAt = clock.GetUtcNow() };
        var a = new ParticipantRow { Name = "a", WorkerId = "w", LeaseUntil = clock.GetUtcNow() + TimeSpan.FromSeconds(30) };
        var waiting = new RunRow { Id = "next", PlanJson = "{}", CreatedAt = clock.GetUtcNow(), Status = RunStatus.Waiting };

        Assert.Null(Of(run, open));
        Assert.Equal(StallReason.Broker, Of(run, closed));
        Assert.Equal(StallReason.Broker, Of(run, null));
        Assert.Null(Of(waiting, null, behindAnother: true));
        Assert.Equal(StallReason.Participants, Of(waiting, null));

        clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(StallReason.Worker, Of(run, open));

        StallReason? Of(RunRow which, RoundState? newest, bool behindAnother = false) => Stall.Of(which, newest, behindAnother, [a], leases)?.Reason;
    }
}
