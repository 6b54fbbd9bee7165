using FedQueue.Aggregator.Rounds;
using FedQueue.Aggregator.Storage;
using Microsoft.EntityFrameworkCore;

namespace FedQueue.Aggregator.Runs;

/// <summary>The rounds of a run.</summary>
internal static class RunRounds
{
    /// <returns>Some of the rounds, newest first, and how many there are.</returns>
    public static async Task<(IReadOnlyList<RoundSummary> Rounds, int Count)> Newest(FedQueueDbContext db, string runId, int skip, int take, CancellationToken cancellationToken)
    {
        var all = db.Rounds.AsNoTracking().Where(r => r.RunId == runId);
        var rounds = await all.OrderByDescending(r => r.Round).Skip(skip).Take(take).ToListAsync(cancellationToken);
        var models = await Models(db, runId, rounds.LastOrDefault()?.Round ?? 0, cancellationToken);
        return ([.. rounds.Select(r => Of(r, models))], await all.CountAsync(cancellationToken));
    }

    /// <returns>Oldest first; null when there is no such run.</returns>
    public static async Task<IReadOnlyList<RoundSummary>?> Load(FedQueueDbContext db, string runId, CancellationToken cancellationToken)
    {
        if (!await db.Runs.AnyAsync(r => r.Id == runId, cancellationToken))
            return null;

        var models = await Models(db, runId, 0, cancellationToken);
        var rounds = await db.Rounds.AsNoTracking().Where(r => r.RunId == runId).OrderBy(r => r.Round).ToListAsync(cancellationToken);
        return [.. rounds.Select(r => Of(r, models))];
    }

    private static Task<Dictionary<int, string>> Models(FedQueueDbContext db, string runId, int since, CancellationToken cancellationToken) =>
        db.Models.Where(m => m.RunId == runId && m.Round >= since).Select(m => new { m.Round, m.WeightsSha256 })
            .ToDictionaryAsync(m => m.Round, m => m.WeightsSha256, cancellationToken);

    private static RoundSummary Of(RoundState r, Dictionary<int, string> models) => new(
        r.Round, r.CurrentState.ToLowerInvariant(), r.EvaluateOnly, r.Goal, r.Minimum, r.OpenedAt, r.ClosesAt, r.ClosedAt,
        r.Participants, r.Submitted, r.Failed, [.. r.Missing], r.EvaluateOnly ? null : models.GetValueOrDefault(r.Round));
}

/// <summary>One round.</summary>
/// <param name="Round">Number from 1.</param>
/// <param name="State">collecting, completed or failed.</param>
/// <param name="EvaluateOnly">The round after the last one, which evaluates the final model.</param>
/// <param name="Goal">Submissions that close it.</param>
/// <param name="Minimum">Fewest that may be aggregated at the deadline.</param>
/// <param name="OpenedAt">UTC.</param>
/// <param name="ClosesAt">Deadline, UTC.</param>
/// <param name="ClosedAt">Null while it is open.</param>
/// <param name="Participants">Whose submission counts, in ordinal order.</param>
/// <param name="Submitted">Whose submission is stored, in order of arrival.</param>
/// <param name="Failed">Who reported that it cannot contribute.</param>
/// <param name="Missing">Who has not submitted.</param>
/// <param name="WeightsSha256">Of the weights that it made, lower-case hex.</param>
public sealed record RoundSummary(
    int Round, string State, bool EvaluateOnly, int Goal, int Minimum, DateTimeOffset OpenedAt, DateTimeOffset ClosesAt, DateTimeOffset? ClosedAt,
    IReadOnlyList<string> Participants, IReadOnlyList<string> Submitted, IReadOnlyList<string> Failed, IReadOnlyList<string> Missing, string? WeightsSha256);
