using System.Globalization;
using FedQueue.Aggregator.Participants;
using FedQueue.Aggregator.Rounds;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace FedQueue.Aggregator.Storage;

/// <summary>
/// The time by which deadlines and leases run. It goes on evenly, whatever happens to the machine's clock, until <see cref="ClockSteps"/> has moved what is due later: a laptop
/// that slept and a clock that was set forwards must not make anybody late.
/// </summary>
/// <param name="source">The machine's clock, and how much time has passed.</param>
internal sealed class FederationClock(TimeProvider source) : TimeProvider
{
    private readonly Lock gate = new();
    private ClockReading last = ClockReading.Of(source);

    /// <summary>The machine's clock.</summary>
    public TimeProvider Machine { get; } = source;

    public override TimeZoneInfo LocalTimeZone => Machine.LocalTimeZone;

    public override long TimestampFrequency => Machine.TimestampFrequency;

    public override DateTimeOffset GetUtcNow()
    {
        lock (gate)
            return last.Time + Machine.GetElapsedTime(last.At);
    }

    public override long GetTimestamp() => Machine.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => Machine.CreateTimer(callback, state, dueTime, period);

    public void Set(ClockReading reading)
    {
        lock (gate)
            last = reading;
    }
}

/// <summary>A reading of a clock: what it said, and when it said it.</summary>
/// <param name="Time">UTC.</param>
/// <param name="At">Timestamp of the machine.</param>
internal readonly record struct ClockReading(DateTimeOffset Time, long At)
{
    /// <summary>Read twice, because the first time the code may be compiled in between.</summary>
    public static ClockReading Of(TimeProvider clock)
    {
        _ = new ClockReading(clock.GetUtcNow(), clock.GetTimestamp());
        return new(clock.GetUtcNow(), clock.GetTimestamp());
    }
}

/// <summary>
/// Finds that the clock was set, or that the machine slept: time in which no aggregator saw it pass counts for no deadline and no lease. With a shared database its clock
/// decides, so that aggregators whose machines differ agree.
/// </summary>
internal sealed class ClockSteps(FederationClock clock, Leases leases, ILogger<ClockSteps> log)
{
    /// <summary>Difference that clocks have anyway, and that is corrected in silence.</summary>
    public static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(2);

    private TimeSpan said;

    /// <summary>Takes the time over at the start, when nothing waits for it yet.</summary>
    public async Task Begin(FedQueueDbContext db, CancellationToken cancellationToken)
    {
        var reading = await db.ReadClock(cancellationToken);
        clock.Set(reading);
        Compare(db, reading);
    }

    /// <summary>To be called within a transaction, often; what it returns, after its commit.</summary>
    public async Task<Action> Look(FedQueueDbContext db, CancellationToken cancellationToken)
    {
        var reading = await db.ReadClock(cancellationToken);
        Compare(db, reading);
        var now = reading.Time + clock.GetElapsedTime(reading.At);
        var step = now - clock.GetUtcNow();
        if (step.Duration() <= Tolerance)
            return () => clock.Set(reading);

        // Others have seen the time pass, or have moved what is due: then only this one has missed it.
        var seen = await db.Aggregators.AnyAsync(a => a.Id != db.AggregatorId && a.LastAlive > now - 2 * AggregatorLife.Interval && a.LastAlive < now + Tolerance, cancellationToken);

        // What is due must never be earlier than the time by which it is read.
        if (step < TimeSpan.Zero)
            clock.Set(reading);
        if (!seen)
            await Move(db, step, cancellationToken);
        return () =>
        {
            clock.Set(reading);
            leases.GiveTime();
        };
    }

    private static async Task Move(FedQueueDbContext db, TimeSpan step, CancellationToken cancellationToken)
    {
        foreach (var round in await db.Rounds.Where(r => r.CurrentState == nameof(RoundStateMachine.Collecting)).ToListAsync(cancellationToken))
            round.ClosesAt += step;
        foreach (var run in await db.Runs.Where(r => r.Status == RunStatus.Waiting || r.Status == RunStatus.Running).ToListAsync(cancellationToken))
        {
            run.StartsBy += step;
            db.Note(run.Id, run.Round == 0 ? null : run.Round, EventKind.ClockStepped, null, string.Create(CultureInfo.InvariantCulture,
                $"The clock went {(step > TimeSpan.Zero ? "forward" : "back")} by {step.Duration().TotalSeconds:0} s, or the machine slept; deadlines and leases move by as much."));
        }

        foreach (var participant in await db.Participants.Where(p => p.WorkerId != null).ToListAsync(cancellationToken))
        {
            participant.LeaseUntil += step;
            participant.LastHeard += step;
        }
    }

    /// <summary>Says once how far this machine's clock is from the one that decides.</summary>
    private void Compare(FedQueueDbContext db, ClockReading reading)
    {
        var ahead = clock.Machine.GetUtcNow() - reading.Time - clock.GetElapsedTime(reading.At);
        if ((ahead - said).Duration() <= Tolerance)
            return;
        said = ahead;
        if (ahead.Duration() > Tolerance)
            log.ClockDiffers(ahead.Duration().TotalSeconds, ahead > TimeSpan.Zero ? "ahead of" : "behind", db.Place);
    }
}

internal static class FederationClockRegistration
{
    /// <summary>Puts it before the clock that is registered.</summary>
    public static IServiceCollection AddFederationClock(this IServiceCollection services)
    {
        var machine = services.LastOrDefault(service => service.ServiceType == typeof(TimeProvider))?.ImplementationInstance as TimeProvider ?? TimeProvider.System;
        services.RemoveAll<TimeProvider>();
        return services.AddSingleton(new FederationClock(machine)).AddSingleton<TimeProvider>(provider => provider.GetRequiredService<FederationClock>()).AddSingleton<ClockSteps>();
    }
}
