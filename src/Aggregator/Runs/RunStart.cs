using FedQueue.Aggregator.Aggregation;
using FedQueue.Aggregator.Storage;
using FedQueue.Contracts;
using Microsoft.EntityFrameworkCore;

namespace FedQueue.Aggregator.Runs;

/// <summary>Starts the oldest waiting run whose participants are present, unless another run is under way.</summary>
internal sealed class RunStart(FedQueueDbContext db, InitialModels initial, ILogger<RunStart> log)
{
    /// <summary>Called, inside a transaction, after everything that may let a run begin.</summary>
    public async Task TryStartNext(CancellationToken cancellationToken)
    {
        // The rows that the message has changed so far must be seen by the queries.
        await db.SaveChangesAsync(cancellationToken);

        if (await db.Queries.AnyRunIsUnderWay(db, cancellationToken))
            return;

        var waiting = await db.Queries.WaitingRuns(db).ToListAsync(cancellationToken);

        // Everybody who comes asks; only the last of them needs to know all others.
        if (waiting.Count == 0 || await db.Queries.Listening(db, cancellationToken) < waiting.Min(r => r.Plan().ParticipantsToStart()))
            return;

        var participants = await db.Queries.Participants(db).ToListAsync(cancellationToken);

        // A run whose participants are not there must not hold up one whose are.
        var run = waiting.Find(r => PlanOffers.Ready(r, participants, db).Count >= r.Plan().ParticipantsToStart());
        if (run is null)
            return;

        var ready = PlanOffers.Ready(run, participants, db);
        var present = ready.Select(p => p.Name).ToList();
        var plan = FederatedScaling.Combine(run, ready);
        if (!await initial.AreThere(db, run, plan, cancellationToken))
            return;

        run.SetPlan(plan);
        run.Status = RunStatus.Running;
        run.StartedAt = db.Now;
        run.Participants = present;
        run.Goal = plan.Goal ?? present.Count;
        run.Minimum = plan.Minimum ?? run.Goal;
        db.Publish(new StartRound { RunId = run.Id, Round = 1, RoundId = RoundIdentity.Of(run.Id, 1) });
        db.Note(run.Id, null, EventKind.RunStarted, null, $"{present.Count} participants present, goal {run.Goal}, minimum {run.Minimum}.");
        log.RunStarted(run.Id, present.Count, run.Goal, run.Minimum);
    }
}
