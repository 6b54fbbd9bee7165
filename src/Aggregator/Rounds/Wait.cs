using FedQueue.Aggregator.Storage;
using Microsoft.EntityFrameworkCore;

namespace FedQueue.Aggregator.Rounds;

/// <summary>Says of a run what it waits for, from whom, and for how long still.</summary>
internal static class Wait
{
    /// <returns>Null when the run has ended.</returns>
    public static async Task<string?> Sentence(FedQueueDbContext db, RunRow run, RoundState? newest, CancellationToken cancellationToken)
    {
        if (run.HasEnded)
            return null;

        var participants = await db.Participants.AsNoTracking().ToListAsync(cancellationToken);
        if (run.Status is RunStatus.Running)
            return newest is null ? $"run {run.Id}: opening round 1" : ForSubmissions(newest, participants, db.Now);

        var before = await db.Runs.AsNoTracking().FirstOrDefaultAsync(r => r.Status == RunStatus.Running, cancellationToken);
        return before is not null
            ? $"run {run.Id}: waiting for the end of run {before.Id}"
            : ForParticipants(run, participants, db.Now);
    }

    private static string ForParticipants(RunRow run, List<ParticipantRow> participants, DateTimeOffset now)
    {
        var present = participants.Where(p => p.IsPresent(now)).Select(p => p.Name).Order(StringComparer.Ordinal).ToList();
        var needed = run.Plan().ParticipantsToStart();
        var names = present.Count == 0 ? "" : $" ({string.Join(", ", present)})";
        return $"run {run.Id}: {present.Count} of {needed} participants{names}, waiting without limit for {needed - present.Count} more; "
            + $"start more workers, or set FedQueue:Run:Goal to train with fewer";
    }

    private static string ForSubmissions(RoundState round, List<ParticipantRow> participants, DateTimeOffset now)
    {
        var what = round.EvaluateOnly ? "evaluations" : "submissions";
        var head = $"round {round.Round}: {round.Submitted.Count} of {round.Goal} {what}";
        if (round.ClosedAt is not null)
            return $"{head}, closed; opening the next round";

        var awaited = round.Awaited.Select(name => Named(name, participants.Find(p => p.Name == name), now));
        return $"{head}, waiting for {string.Join(", ", awaited)}, "
            + $"closes in {Math.Max(0, (round.ClosesAt - now).TotalSeconds):0} s with minimum {round.Minimum}";
    }

    private static string Named(string name, ParticipantRow? participant, DateTimeOffset now) => participant switch
    {
        null => name,
        _ when participant.IsHeld(now) => $"{name} (last heard {(now - participant.LastHeard).TotalSeconds:0} s ago)",
        _ => $"{name} (no worker has it since {(now - participant.LastHeard).TotalSeconds:0} s)",
    };
}
