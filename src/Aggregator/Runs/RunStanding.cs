using FedQueue.Aggregator.Rounds;
using FedQueue.Aggregator.Storage;
using Microsoft.EntityFrameworkCore;

namespace FedQueue.Aggregator.Runs;

/// <summary>Where a run stands, and what it waits for.</summary>
internal sealed record RunStanding
{
    public required string Run { get; init; }

    /// <summary>waiting, running, completed, failed or cancelled.</summary>
    public required string Status { get; init; }

    /// <summary>The round that is open, or the next one when none is; one more than the plan has while the final model is evaluated.</summary>
    public required int Round { get; init; }

    /// <summary>Participants whose answer to the open round is stored.</summary>
    public required IReadOnlyList<string> Submitted { get; init; }

    /// <summary>Participants whose answer the open round waits for, in ordinal order.</summary>
    public required IReadOnlyList<string> Awaited { get; init; }

    /// <summary>What is awaited, from whom and for how long still; null once the run has ended.</summary>
    public string? Sentence { get; init; }

    public bool HasEnded => Sentence is null;

    /// <summary>The round in words.</summary>
    public string Place(int rounds) => Round > rounds ? "the evaluation of the final model" : $"round {Round}";

    /// <returns>Null when the run is not stored.</returns>
    public static async Task<RunStanding?> Load(FedQueueDbContext db, string runId, CancellationToken cancellationToken) =>
        await db.Runs.AsNoTracking().SingleOrDefaultAsync(r => r.Id == runId, cancellationToken) is { } run
            ? await Load(db, run, cancellationToken)
            : null;

    /// <summary>All runs that have not ended, oldest first.</summary>
    public static async Task<IReadOnlyList<RunStanding>> LoadOpen(FedQueueDbContext db, CancellationToken cancellationToken)
    {
        List<RunStanding> standings = [];
        foreach (var run in await db.Runs.AsNoTracking().Where(r => r.Status == RunStatus.Waiting || r.Status == RunStatus.Running)
            .OrderBy(r => r.CreatedAt).ThenBy(r => r.Id).ToListAsync(cancellationToken))
            standings.Add(await Load(db, run, cancellationToken));
        return standings;
    }

    private static async Task<RunStanding> Load(FedQueueDbContext db, RunRow run, CancellationToken cancellationToken)
    {
        var newest = await db.Rounds.AsNoTracking()
            .Where(r => r.RunId == run.Id).OrderByDescending(r => r.Round).FirstOrDefaultAsync(cancellationToken);
        var open = newest is { ClosedAt: null } ? newest : null;
        return new RunStanding
        {
            Run = run.Id,
            Status = run.StatusName,
            Round = open?.Round ?? (newest?.Round ?? 0) + 1,
            Submitted = open?.Submitted ?? [],
            Awaited = [.. open?.Awaited ?? []],
            Sentence = await Wait.Sentence(db, run, newest, cancellationToken),
        };
    }
}
