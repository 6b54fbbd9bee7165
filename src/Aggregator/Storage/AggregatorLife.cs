using System.Globalization;
using FedQueue.Aggregator.Rounds;
using Microsoft.EntityFrameworkCore;

namespace FedQueue.Aggregator.Storage;

/// <summary>This start of the aggregator, in the history and for whoever looks after it.</summary>
internal sealed record AggregatorIdentity(string Id)
{
    public static AggregatorIdentity New() => new($"{Environment.MachineName}-{Guid.NewGuid():N}"[..(Environment.MachineName.Length + 9)]);
}

/// <summary>
/// Signs of life. Time in which no aggregator was alive counts for no deadline: a round that was interrupted overnight goes on
/// where it was.
/// </summary>
internal sealed class AggregatorLife(FedQueueDbContext db, AggregatorIdentity identity, ClockSteps steps)
{
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    /// <summary>Rows of starts that long ago are of no use to anybody.</summary>
    private static readonly TimeSpan Remembered = TimeSpan.FromDays(30);

    /// <summary>To be called at the start, before any message is handled.</summary>
    public Task Begin(CancellationToken cancellationToken) => db.Transact(async () =>
    {
        await steps.Begin(db, cancellationToken);
        var others = await db.Aggregators.OrderByDescending(a => a.LastAlive).ToListAsync(cancellationToken);

        // A try before this one may have been committed although it was said to have failed.
        if (others.Exists(a => a.Id == identity.Id))
            return;

        var away = others.Count == 0 ? TimeSpan.Zero : db.Now - others[0].LastAlive;
        var moved = away > 2 * Interval ? away : TimeSpan.Zero;

        foreach (var round in await db.Rounds.Where(r => r.CurrentState == nameof(RoundStateMachine.Collecting)).ToListAsync(cancellationToken))
            round.ClosesAt += moved;
        foreach (var run in await db.Runs.Where(r => r.Status == RunStatus.Waiting || r.Status == RunStatus.Running).ToListAsync(cancellationToken))
        {
            run.StartsBy += moved;
            db.Note(run.Id, run.Round == 0 ? null : run.Round, EventKind.AggregatorStarted, null, moved == TimeSpan.Zero
                ? $"{identity.Id}."
                : string.Create(CultureInfo.InvariantCulture, $"{identity.Id}, after {away.TotalSeconds:0} s without any; the deadline moves by as much."));
        }

        db.Aggregators.RemoveRange(others.Where(a => db.Now - a.LastAlive > Remembered));
        db.Aggregators.Add(new AggregatorRow { Id = identity.Id, StartedAt = db.Now, LastAlive = db.Now });
    }, cancellationToken);

    /// <summary>Forgets what is of use to nobody any more: participants that have long been silent, and what long ago could not be used.</summary>
    public Task TidyUp(CancellationToken cancellationToken) => db.Transact(async () =>
    {
        var before = db.Now - Remembered;
        await db.Participants.Where(p => p.LastHeard < before && p.LeaseUntil < before).ExecuteDeleteAsync(cancellationToken);
        await db.Quarantine.Where(q => q.ReceivedAt < before && q.Weights != null).ExecuteUpdateAsync(q => q.SetProperty(row => row.Weights, (byte[]?)null), cancellationToken);
    }, cancellationToken);

    public async Task Beat(CancellationToken cancellationToken)
    {
        Action afterwards = () => { };
        await db.Transact(async () =>
        {
            afterwards = await steps.Look(db, cancellationToken);
            var now = (await db.ReadClock(cancellationToken)).Time;
            await db.Database.ExecuteSqlAsync($"UPDATE \"Aggregators\" SET \"LastAlive\" = {now.UtcTicks} WHERE \"Id\" = {identity.Id}", cancellationToken);
        }, cancellationToken);
        afterwards();
    }
}

/// <summary>Beats while the process lives, and tidies up once an hour.</summary>
internal sealed class LifeClock(IServiceScopeFactory scopes, TimeProvider clock, StorageOutage outage, ILogger<LifeClock> log)
    : DatabaseWatch(AggregatorLife.Interval, scopes, clock, outage, log)
{
    private readonly TimeProvider clock = clock;
    private long tidiedUp = clock.GetTimestamp();

    protected override async Task Look(FedQueueDbContext db, IServiceProvider services, CancellationToken cancellationToken)
    {
        var life = services.GetRequiredService<AggregatorLife>();
        await life.Beat(cancellationToken);
        if (clock.GetElapsedTime(tidiedUp) < TimeSpan.FromHours(1))
            return;
        await life.TidyUp(cancellationToken);
        tidiedUp = clock.GetTimestamp();
    }
}
