using System.Globalization;
using FedQueue.Aggregator.Runs;
using FedQueue.Aggregator.Storage;
using FedQueue.Contracts;
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

        var sentence = await SentenceOf(db, run, newest, cancellationToken);
        return db.BrokerTrouble is { } trouble ? $"{sentence}; {trouble}" : sentence;
    }

    private static async Task<string> SentenceOf(FedQueueDbContext db, RunRow run, RoundState? newest, CancellationToken cancellationToken)
    {
        var participants = await db.Participants.AsNoTracking().ToListAsync(cancellationToken);
        if (run.Status is RunStatus.Running)
            return newest is null ? Opening($"run {run.Id}", 1) : ForSubmissions(newest, participants, db);

        var before = await db.Runs.AsNoTracking().FirstOrDefaultAsync(r => r.Status == RunStatus.Running, cancellationToken);
        if (before is null)
            return ForParticipants(run, participants, db);

        // It may have started since it was read.
        return before.Id == run.Id
            ? Opening($"run {run.Id}", 1)
            : $"run {run.Id}: waiting for the end of run {before.Id}, at most {Seconds(await LongestEnd(db, before, cancellationToken))}";
    }

    /// <summary>Only the broker stands between a commit and the command that it caused.</summary>
    private static string Opening(string what, int round) =>
        $"{what}: opening round {round} as soon as the broker takes the command, which is tried every second";

    /// <summary>Every round of a run closes at its deadline.</summary>
    private static async Task<TimeSpan> LongestEnd(FedQueueDbContext db, RunRow run, CancellationToken cancellationToken)
    {
        var plan = run.Plan();
        var open = await db.Rounds.AsNoTracking().Where(r => r.RunId == run.Id && r.ClosedAt == null).FirstOrDefaultAsync(cancellationToken);
        return (plan.Rounds + 1 - run.Round) * plan.Deadline + (open is null ? TimeSpan.Zero : open.ClosesAt - db.Now);
    }

    private static string ForParticipants(RunRow run, List<ParticipantRow> participants, FedQueueDbContext db)
    {
        var ready = PlanOffers.Ready(run, participants, db).Select(p => p.Name).ToList();
        var needed = run.Plan().ParticipantsToStart();
        var names = ready.Count == 0 ? "" : $" ({NameList.Of(ready)})";
        if (ready.Count >= needed)
            return $"run {run.Id}: {ready.Count} of {needed} participants{names}, drawing the initial weights";

        var unfit = PlanOffers.Unfit(run, participants);
        var deaf = participants.Where(p => !p.Listening && db.Leases.IsHeard(p)).Select(p => p.Name).Order(StringComparer.Ordinal).ToList();
        var silent = participants.Where(db.Leases.IsPresent).Select(p => p.Name).Except(ready).Except(unfit.Select(p => p.Name)).Order(StringComparer.Ordinal).ToList();
        var more = !db.IsOneProcess ? "start more workers, or set FedQueue:Run:Goal to train with fewer" : unfit.Count == 0 ? "they start in this process" : "";
        return $"run {run.Id}: {ready.Count} of {needed} participants{names}, waiting for {needed - ready.Count} more, fails in {Seconds(run.StartsBy - db.Now)}"
            + (more.Length == 0 ? "" : $"; {more}")
            + CannotTakePart(run, participants)
            + (deaf.Count == 0 ? "" : $"; {NameList.Of(deaf)} {(deaf.Count == 1 ? "is" : "are")} held by a worker that does not listen yet")
            + (silent.Count == 0 ? "" : run.Offer().NeedsSpans
                ? $"; {NameList.Of(silent)} told no spans of columns, which federated scaling needs (FedQueue:Worker:ShareSpans)"
                : $"; {NameList.Of(silent)} {(silent.Count == 1 ? "looks" : "look")} at the plan");
    }

    /// <summary>Whose data will not do, with the reasons; each reads as a part of a sentence.</summary>
    public static string CannotTakePart(RunRow run, IEnumerable<ParticipantRow> participants)
    {
        const int most = 3;
        var unfit = PlanOffers.Unfit(run, participants);
        return string.Concat(unfit.Take(most).Select(p => $"; {p.Name} cannot take part: {PlainText.Of(p.Problem).TrimEnd('.')}"))
            + (unfit.Count > most ? $"; nor can {NameList.Of(unfit.Skip(most).Select(p => p.Name))}" : "");
    }

    private static string ForSubmissions(RoundState round, List<ParticipantRow> participants, FedQueueDbContext db)
    {
        var what = round.EvaluateOnly ? "evaluations" : "submissions";
        var head = $"{round.Place}: {round.Submitted.Count} of {round.Goal} {what}";
        if (round.ClosedAt is not null)
            return Opening($"{head}, closed", round.Round + 1);

        var known = participants.ToDictionary(p => p.Name);
        return $"{head}, waiting for {NameList.Of(round.Awaited.Select(name => Named(name, known.GetValueOrDefault(name), db)))}, "
            + $"closes in {Seconds(round.ClosesAt - db.Now)} with minimum {round.Minimum}";
    }

    private static string Named(string name, ParticipantRow? participant, FedQueueDbContext db) => participant switch
    {
        null => name,
        _ when db.IsThere(participant) => $"{name} (last heard {Seconds(db.Now - participant.LastHeard)} ago)",
        _ => $"{name} (no worker has it since {Seconds(db.Now - participant.LastHeard)})",
    };

    private static string Seconds(TimeSpan time) =>
        string.Create(CultureInfo.InvariantCulture, $"{Math.Max(0, Math.Ceiling(time.TotalSeconds)):0} s");
}
