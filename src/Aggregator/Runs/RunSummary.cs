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

    /// <summary>Each set of global weights with its held-out errors; round 0 is the initial model.</summary>
    public required IReadOnlyList<ModelSummary> Models { get; init; }

    /// <summary>What the final model stands beside, as far as that is known; null before the run has completed.</summary>
    public RunComparison? Comparison { get; init; }

    /// <summary>SHA-256 of the newest global weights, lower-case hex.</summary>
    public string? WeightsSha256 => Models.Count == 0 ? null : Models[^1].WeightsSha256;

    /// <returns>Null when there is no such run.</returns>
    public static async Task<RunSummary?> Load(FedQueueDbContext db, string runId, CancellationToken cancellationToken)
    {
        var run = await db.Runs.AsNoTracking().SingleOrDefaultAsync(r => r.Id == runId, cancellationToken);
        if (run is null)
            return null;

        var rounds = await db.Rounds.AsNoTracking().Where(r => r.RunId == runId).OrderBy(r => r.Round).ToListAsync(cancellationToken);
        var models = await db.Models.AsNoTracking().Where(m => m.RunId == runId).OrderBy(m => m.Round)
            .Select(m => new { m.Round, m.WeightsSha256 }).ToListAsync(cancellationToken);
        var errors = await ParticipantError.In(db.Submissions.Where(s => s.RunId == runId)).ToListAsync(cancellationToken);
        var errorsOf = errors.ToLookup(e => e.Round);
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
            WaitingFor = await Wait.Sentence(db, run, rounds.LastOrDefault(), cancellationToken),
            Participants = rounds.LastOrDefault()?.Participants ?? [],
            Models =
            [
                .. models.Select(m => ModelSummary.From(m.Round, m.WeightsSha256, errorsOf[m.Round])),
            ],
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
    /// <returns>Null when the run has no such weights.</returns>
    public static async Task<ModelSummary?> Load(FedQueueDbContext db, string runId, int round, CancellationToken cancellationToken)
    {
        var sha256 = await db.Models.Where(m => m.RunId == runId && m.Round == round).Select(m => m.WeightsSha256).SingleOrDefaultAsync(cancellationToken);
        var errors = ParticipantError.In(db.Submissions.Where(s => s.RunId == runId && s.Round == round + 1));
        return sha256 is null ? null : From(round, sha256, await errors.ToListAsync(cancellationToken));
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
    /// <summary>Answers to a round tell the errors of the weights that it began with.</summary>
    public static IQueryable<ParticipantError> In(IQueryable<SubmissionRow> submissions) =>
        submissions.Select(s => new ParticipantError(s.Round - 1, s.Participant, s.HeldOutWindows, s.GlobalMse, s.GlobalMae));

    public HeldOutError Error() => new() { WindowCount = WindowCount, MeanSquaredError = Mse, MeanAbsoluteError = Mae };
}
