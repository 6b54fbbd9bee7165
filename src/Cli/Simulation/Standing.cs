using FedQueue.Aggregator.Rounds;
using FedQueue.Aggregator.Storage;
using Microsoft.EntityFrameworkCore;

namespace FedQueue.Cli.Simulation;

/// <summary>Where a run stands, and what it waits for.</summary>
internal sealed record Standing
{
    public required bool HasEnded { get; init; }

    /// <summary>The round that is open, or the next one when none is; one more than the plan has while the final model is evaluated.</summary>
    public required int Round { get; init; }

    /// <summary>Participants whose answer to the open round is stored.</summary>
    public required IReadOnlyList<string> Submitted { get; init; }

    /// <summary>Participants whose answer the open round waits for, in ordinal order.</summary>
    public required IReadOnlyList<string> Awaited { get; init; }

    /// <summary>What is awaited, from whom and for how long still; null once the run has ended.</summary>
    public string? Sentence { get; init; }

    /// <summary>The round in words.</summary>
    public string Place(int rounds) => Round > rounds ? "the evaluation of the final model" : $"round {Round}";

    /// <returns>Null when the run is not stored.</returns>
    public static async Task<Standing?> Load(FedQueueDbContext db, string runId, CancellationToken cancellationToken)
    {
        if (await db.Runs.AsNoTracking().SingleOrDefaultAsync(r => r.Id == runId, cancellationToken) is not { } run)
            return null;

        var newest = await db.Rounds.AsNoTracking()
            .Where(r => r.RunId == runId).OrderByDescending(r => r.Round).FirstOrDefaultAsync(cancellationToken);
        var open = newest is { ClosedAt: null } ? newest : null;
        return new Standing
        {
            HasEnded = run.HasEnded,
            Round = open?.Round ?? (newest?.Round ?? 0) + 1,
            Submitted = open?.Submitted ?? [],
            Awaited = [.. open?.Awaited ?? []],
            Sentence = await Wait.Sentence(db, run, newest, cancellationToken),
        };
    }
}
