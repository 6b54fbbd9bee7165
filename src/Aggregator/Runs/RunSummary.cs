using FedQueue.Aggregator.Rounds;
using FedQueue.Aggregator.Storage;
using FedQueue.Contracts;
using Microsoft.EntityFrameworkCore;

namespace FedQueue.Aggregator.Runs;

/// <summary>A run as the API, the terminal and the log show it.</summary>
internal sealed record RunSummary
{
    public required string Id { get; init; }

    /// <summary>waiting, running, completed, failed or cancelled.</summary>
    public required string Status { get; init; }

    /// <summary>Newest round opened, 0 before the first; one more than <see cref="Rounds"/> while the final model is evaluated.</summary>
    public required int Round { get; init; }

    public required int Rounds { get; init; }
    public required ulong Seed { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset? StartedAt { get; init; }
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>What is awaited, from whom and for how long still; null once the run has ended.</summary>
    public string? WaitingFor { get; init; }

    /// <summary>Why the run failed or was cancelled.</summary>
    public string? Reason { get; init; }

    /// <summary>All that decides the result, besides the data.</summary>
    public required RunPlan Plan { get; init; }

    /// <summary>Participants of the newest round, in ordinal order.</summary>
    public required IReadOnlyList<string> Participants { get; init; }

    /// <summary>Each set of global weights with its held-out errors, or the one that was asked for; round 0 is the initial model.</summary>
    public required IReadOnlyList<ModelSummary> Models { get; init; }

    /// <summary>What the final model stands beside, as far as that is known; null before the run has completed.</summary>
    public RunComparison? Comparison { get; init; }

    /// <summary>SHA-256 of the newest global weights, lower-case hex.</summary>
    public string? WeightsSha256 { get; init; }

    /// <summary>Participants that did not contribute to every round because of their data, with the reason, each as a sentence.</summary>
    public required IReadOnlyList<string> Absences { get; init; }

    /// <summary>Reasons to doubt the newest model, each as a sentence.</summary>
    public IReadOnlyList<string> Warnings
    {
        get
        {
            var newest = Models.LastOrDefault(model => model.Rmse is not null);
            var leftOut = newest?.Participants.Where(p => p.Windows == 0).Select(p => p.Name).ToList() ?? [];
            var worse = newest is null || Models[0].Round != 0 ? null : Divergence.OfRound(Plan, newest.Round, Models[0].Rmse, newest.Rmse);
            string?[] all =
            [
                worse, Divergence.OfEnd(Comparison),
                leftOut.Count == 0 ? null : $"Left out of the errors over all participants, because the target never changes there: {NameList.Of(leftOut)}.",
                .. Absences,
            ];
            return [.. all.OfType<string>()];
        }
    }

    private static async Task<IReadOnlyList<string>> AbsencesOf(FedQueueDbContext db, RunRow run, CancellationToken cancellationToken)
    {
        var rounds = await db.Models.CountAsync(m => m.RunId == run.Id && m.Round > 0, cancellationToken);
        if (rounds == 0)
            return [];
        var failed = await db.Events.AsNoTracking().Where(e => e.RunId == run.Id && e.Kind == EventKind.TrainingFailed && e.Participant != null)
            .OrderBy(e => e.Id).Select(e => new { e.Participant, e.Text }).ToListAsync(cancellationToken);
        var reasons = PlanOffers.Unfit(run, await db.Queries.Participants(db).ToListAsync(cancellationToken)).ToDictionary(p => p.Name, p => p.Problem);
        foreach (var failure in failed)
            reasons[failure.Participant!] = failure.Text;
        var contributed = await db.Submissions.Where(s => s.RunId == run.Id && s.SampleCount > 0).GroupBy(s => s.Participant)
            .Select(own => new { own.Key, Count = own.Count() }).ToDictionaryAsync(own => own.Key, own => own.Count, cancellationToken);
        return
        [
            .. reasons.Where(reason => contributed.GetValueOrDefault(reason.Key) < rounds).OrderBy(reason => reason.Key, StringComparer.Ordinal)
                .Select(reason => $"{reason.Key} contributed to {contributed.GetValueOrDefault(reason.Key)} of {rounds} rounds: {PlainText.Of(reason.Value)}"),
        ];
    }

    /// <returns>Null when there is no such run.</returns>
    public static Task<RunSummary?> Load(FedQueueDbContext db, string runId, CancellationToken cancellationToken) => Load(db, runId, model: null, cancellationToken);

    /// <param name="db">Where the run is.</param>
    /// <param name="runId">Which.</param>
    /// <param name="model">Only the global weights of this round; null: of all, which takes longer with every round.</param>
    /// <param name="cancellationToken">Nobody waits for it any more.</param>
    /// <inheritdoc cref="Load(FedQueueDbContext, string, CancellationToken)"/>
    public static async Task<RunSummary?> Load(FedQueueDbContext db, string runId, int? model, CancellationToken cancellationToken)
    {
        var run = await db.Runs.AsNoTracking().SingleOrDefaultAsync(r => r.Id == runId, cancellationToken);
        if (run is null)
            return null;

        var newest = await db.Rounds.AsNoTracking().Where(r => r.RunId == runId).OrderByDescending(r => r.Round).FirstOrDefaultAsync(cancellationToken);
        var sha256 = await db.Models.Where(m => m.RunId == runId).OrderByDescending(m => m.Round).Select(m => m.WeightsSha256).FirstOrDefaultAsync(cancellationToken);
        var plan = run.Plan();

        return new RunSummary
        {
            Id = run.Id,
            Status = run.StatusName,
            Round = run.Round,
            Rounds = plan.Rounds,
            Seed = plan.Seed,
            CreatedAt = run.CreatedAt,
            StartedAt = run.StartedAt,
            EndedAt = run.EndedAt,
            Reason = run.Reason,
            Plan = plan,
            WaitingFor = await Wait.Sentence(db, run, newest, cancellationToken),
            Participants = newest?.Participants ?? [],
            Models = await ModelSummary.Load(db, runId, model, cancellationToken),
            WeightsSha256 = sha256,
            Absences = await AbsencesOf(db, run, cancellationToken),
            Comparison = await RunComparison.Load(db, run, cancellationToken),
        };
    }
}

/// <summary>One set of global weights.</summary>
/// <param name="Round">Round that produced it; 0: initial.</param>
/// <param name="WeightsSha256">Lower-case hex.</param>
/// <param name="Mse">Mean squared error over all participants' held-out windows, target's unit squared; null until evaluated.</param>
/// <param name="Mae">Mean absolute error, target's unit.</param>
/// <param name="Rmse">Root of <paramref name="Mse"/>, target's unit.</param>
/// <param name="Participants">Each participant's errors, in ordinal order.</param>
internal sealed record ModelSummary(
    int Round, string WeightsSha256, double? Mse, double? Mae, double? Rmse, IReadOnlyList<ParticipantSummary> Participants)
{
    /// <returns>All that the run has, or those of one round; in the order of the rounds.</returns>
    public static async Task<IReadOnlyList<ModelSummary>> Load(FedQueueDbContext db, string runId, int? round, CancellationToken cancellationToken)
    {
        var models = db.Models.Where(m => m.RunId == runId);
        var submissions = db.Submissions.Where(s => s.RunId == runId);
        if (round is not null)
            (models, submissions) = (models.Where(m => m.Round == round), submissions.Where(s => s.Round == round + 1));

        var found = await models.OrderBy(m => m.Round).Select(m => new { m.Round, m.WeightsSha256 }).ToListAsync(cancellationToken);

        // Answers to a round tell the errors of the weights that it began with.
        var errors = await submissions
            .Select(s => new ParticipantError(s.Round - 1, s.Participant, s.HeldOutWindows, s.GlobalMse, s.GlobalMae)).ToListAsync(cancellationToken);
        var errorsOf = errors.ToLookup(e => e.Round);
        return [.. found.Select(m => From(m.Round, m.WeightsSha256, errorsOf[m.Round]))];
    }

    public static ModelSummary From(int round, string sha256, IEnumerable<ParticipantError> errors)
    {
        var ordered = errors.OrderBy(e => e.Participant, StringComparer.Ordinal).ToList();
        var all = HeldOutError.Weighted([.. ordered.Select(e => e.Error())]);
        return new(round, sha256, all?.MeanSquaredError, all?.MeanAbsoluteError, all?.RootMeanSquaredError(),
            [.. ordered.Select(e => new ParticipantSummary(e.Participant, e.WindowCount, e.Mse, e.Mae, Math.Sqrt(e.Mse)))]);
    }
}

/// <summary>One participant's errors of one set of global weights, on <paramref name="Windows"/> held-out windows.</summary>
internal sealed record ParticipantSummary(string Name, int Windows, double Mse, double Mae, double Rmse);

internal sealed record ParticipantError(int Round, string Participant, int WindowCount, double Mse, double Mae)
{
    public HeldOutError Error() => new() { WindowCount = WindowCount, MeanSquaredError = Mse, MeanAbsoluteError = Mae };
}
