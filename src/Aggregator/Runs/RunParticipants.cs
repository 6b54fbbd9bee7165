using FedQueue.Aggregator.Live;
using FedQueue.Aggregator.Participants;
using FedQueue.Aggregator.Rounds;
using FedQueue.Aggregator.Storage;
using FedQueue.Contracts;
using Microsoft.EntityFrameworkCore;

namespace FedQueue.Aggregator.Runs;

/// <summary>Who takes part in a run, what each is doing, and which workers stand by.</summary>
public sealed record RunParticipants(string Run, IReadOnlyList<RunParticipant> Participants, IReadOnlyList<SpareWorker> Spares)
{
    /// <returns>Null when there is no such run.</returns>
    internal static async Task<RunParticipants?> Load(
        FedQueueDbContext db, LiveFeed feed, Spares spares, string runId, CancellationToken cancellationToken)
    {
        if (await db.Runs.AsNoTracking().SingleOrDefaultAsync(r => r.Id == runId, cancellationToken) is not { } run)
            return null;

        var round = await db.Rounds.AsNoTracking().Where(r => r.RunId == runId).OrderByDescending(r => r.Round).FirstOrDefaultAsync(cancellationToken);
        var leases = await db.Participants.AsNoTracking().ToDictionaryAsync(p => p.Name, cancellationToken);
        var unfit = PlanOffers.Unfit(run, leases.Values).ToDictionary(p => p.Name, p => p.Problem);
        var names = (round?.Participants.Union(run.Participants) ?? leases.Values.Where(db.Leases.IsPresent).Select(p => p.Name)).Union(unfit.Keys).Order(StringComparer.Ordinal);

        // What each has answered last: in this round, or in the one before while it still trains.
        var since = (round?.Round ?? 0) - 1;
        var answers = (await db.Submissions.AsNoTracking().Where(s => s.RunId == runId && s.Round >= since).Select(SubmissionRow.Facts).ToListAsync(cancellationToken))
            .GroupBy(s => s.Participant).ToDictionary(own => own.Key, own => own.OrderBy(s => s.Round).ToList());
        var refused = (await db.Events.AsNoTracking()
            .Where(e => e.RunId == runId && e.Round >= since && (e.Kind == EventKind.Late || e.Kind == EventKind.Quarantined || e.Kind == EventKind.TrainingFailed))
            .OrderBy(e => e.Id).ToListAsync(cancellationToken)).ToLookup(e => e.Participant);
        var samples = answers.ToDictionary(own => own.Key, own => own.Value.Max(s => s.SampleCount));
        var allSamples = samples.Values.Sum(count => (long)count);

        return new(
            runId,
            [.. names.Select(name => Describe(name, leases.GetValueOrDefault(name), answers.GetValueOrDefault(name) ?? [], refused[name].LastOrDefault()))],
            run.HasEnded ? [] : spares.Heard());

        RunParticipant Describe(string name, ParticipantRow? lease, List<SubmissionRow> own, EventRow? trouble)
        {
            var progress = round is null ? null : feed.ProgressOf(name, runId, round.Round);
            var trained = own.LastOrDefault(s => s.SampleCount > 0);
            var share = samples.TryGetValue(name, out var count) && allSamples > 0 ? count / (double)allSamples : (double?)null;
            return new RunParticipant(
                name, StateOf(name, lease, trouble, training: progress is not null), lease?.WorkerId is { } worker ? WorkerName.Shown(worker) : null, lease?.LastHeard,
                progress?.Epoch, progress?.Epochs, progress?.Loss,
                own.LastOrDefault() is { } newest ? Math.Sqrt(newest.GlobalMse) : null,
                trained?.LocalMse is { } local ? Math.Sqrt(local) : null,
                trained?.TrainingSeconds, trained?.SampleCount, share, unfit.TryGetValue(name, out var problem) ? PlainText.Of(problem) : trouble?.Text);
        }

        string StateOf(string name, ParticipantRow? lease, EventRow? trouble, bool training)
        {
            var held = lease is not null && db.IsThere(lease);
            if (unfit.ContainsKey(name))
                return ParticipantState.Failed;
            if (run.HasEnded)
                return round?.Submitted.Contains(name) == true ? ParticipantState.Submitted : ParticipantState.Missing;
            if (round is null)
                return held ? ParticipantState.Waiting : ParticipantState.Away;
            if (round.Submitted.Contains(name))
                return ParticipantState.Submitted;
            if (round.Failed.Contains(name))
                return ParticipantState.Failed;
            if (round.ClosedAt is not null)
                return ParticipantState.Missing;
            if (trouble?.Kind == EventKind.Quarantined && trouble.Round == round.Round)
                return ParticipantState.Quarantined;
            if (!held)
                return ParticipantState.Away;
            if (!training && trouble?.Kind == EventKind.Late)
                return ParticipantState.Late;
            return training ? ParticipantState.Training : ParticipantState.Waiting;
        }
    }
}

/// <summary>What a participant is doing in the newest round.</summary>
public static class ParticipantState
{
    /// <summary>A worker has it and has not told of an epoch yet.</summary>
    public const string Waiting = "waiting";
    public const string Training = "training";
    public const string Submitted = "submitted";
    public const string Failed = "failed";

    /// <summary>Its answer to this round failed validation, and no other has come.</summary>
    public const string Quarantined = "quarantined";

    /// <summary>Its last answer came after the round was closed.</summary>
    public const string Late = "late";

    /// <summary>The round was closed without it.</summary>
    public const string Missing = "missing";

    /// <summary>No worker has it.</summary>
    public const string Away = "away";
}

/// <summary>One participant of a run.</summary>
/// <param name="Name">Owner of the data.</param>
/// <param name="State">One of <see cref="ParticipantState"/>.</param>
/// <param name="WorkerId">Process that has it, or had it last.</param>
/// <param name="LastHeard">Newest heartbeat, UTC.</param>
/// <param name="Epoch">Epochs finished in the newest round; null before the first was heard of.</param>
/// <param name="Epochs">Epochs of a round.</param>
/// <param name="Loss">Mean squared error of the newest epoch on scaled labels.</param>
/// <param name="GlobalRmse">Of the newest global weights that it has evaluated, in the target's unit.</param>
/// <param name="LocalRmse">Of the weights that it submitted last, on the same windows.</param>
/// <param name="TrainingSeconds">Time that its last training took.</param>
/// <param name="SampleCount">Windows it trained on.</param>
/// <param name="SampleShare">Its part of all participants' windows, 0 to 1.</param>
/// <param name="Note">Why an answer was late, quarantined or impossible, as a sentence.</param>
public sealed record RunParticipant(
    string Name, string State, string? WorkerId, DateTimeOffset? LastHeard, int? Epoch, int? Epochs, double? Loss,
    double? GlobalRmse, double? LocalRmse, double? TrainingSeconds, int? SampleCount, double? SampleShare, string? Note);
