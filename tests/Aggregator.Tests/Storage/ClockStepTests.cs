using FedQueue.Aggregator.Storage;
using FedQueue.Contracts;
using Microsoft.EntityFrameworkCore;
using static FedQueue.Aggregator.Tests.Answers;

namespace FedQueue.Aggregator.Tests.Storage;

/// <summary>The machine's clock is set, or the machine sleeps, while a round is open.</summary>
public sealed class ClockStepTests
{
    [Theory]
    [InlineData(11 * 60)]
    [InlineData(8 * 60 * 60)]
    [InlineData(-60 * 60)]
    public async Task A_round_that_is_open_goes_on_where_it_was_with_every_lease_and_one_line_says_so(int seconds)
    {
        var (clock, step) = (new SteppedClock(), TimeSpan.FromSeconds(seconds));
        await using var aggregator = await AggregatorHost.Start(clock: clock);
        await aggregator.StartRun(Plan(rounds: 2, participants: 2) with { Deadline = TimeSpan.FromMinutes(10) });
        await aggregator.Join("a", "b");
        var before = await aggregator.UntilOpen(1);
        await aggregator.Bus.Publish(Weights(before, "a", 1));
        await aggregator.UntilNoted(EventKind.Submitted, "a");

        clock.Offset += step;

        var note = await aggregator.UntilNoted(EventKind.ClockStepped);
        Assert.Matches($"^The clock went {(seconds > 0 ? "forward" : "back")} by {Math.Abs(seconds)} s", note.Text);
        var after = await aggregator.UntilOpen(1);
        Assert.InRange(after.ClosesAt - before.ClosesAt - step, TimeSpan.FromSeconds(-1), TimeSpan.FromSeconds(1));
        var spare = Assert.IsType<ParticipantUnavailable>(await aggregator.Claim("spare", "a", "b"));
        Assert.Equal("every participant it can read is held: a, b", spare.Reason);

        await aggregator.Bus.Publish(Weights(after, "b", 3));
        var second = await aggregator.UntilOpen(2);
        Assert.InRange(second.OpenedAt, clock.GetUtcNow() - TimeSpan.FromMinutes(1), clock.GetUtcNow());
        Assert.Equal(1, await aggregator.Read(db => db.Events.CountAsync(e => e.Kind == EventKind.ClockStepped)));
        Assert.False(await aggregator.Read(db => db.Events.AnyAsync(e => e.Kind == EventKind.Late)));
    }

    [Fact]
    public async Task A_run_that_waits_for_participants_waits_on()
    {
        var clock = new SteppedClock();
        await using var aggregator = await AggregatorHost.Start(clock: clock);
        await aggregator.StartRun(Plan(participants: 2));
        await aggregator.UntilNoted(EventKind.RunCreated);

        clock.Offset += TimeSpan.FromDays(2);
        await aggregator.UntilNoted(EventKind.ClockStepped);

        await aggregator.Join("a", "b");
        await aggregator.UntilOpen(1);
    }

    /// <summary>The system's time, as far as somebody has set it.</summary>
    private sealed class SteppedClock : TimeProvider
    {
        private long offset;

        public TimeSpan Offset
        {
            get => TimeSpan.FromTicks(Interlocked.Read(ref offset));
            set => Interlocked.Exchange(ref offset, value.Ticks);
        }

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Offset;
    }
}
