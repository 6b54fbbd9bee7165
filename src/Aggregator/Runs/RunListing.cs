using FedQueue.Aggregator.Rounds;
using FedQueue.Aggregator.Storage;
using Microsoft.EntityFrameworkCore;

namespace FedQueue.Aggregator.Runs;

/// <summary>A run in a list.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Status">waiting, running, completed, failed or cancelled.</param>
/// <param name="Round">Newest round opened, 0 before the first.</param>
/// <param name="Rounds">Rounds of the plan.</param>
/// <param name="CreatedAt">When it was asked for, UTC.</param>
/// <param name="StartedAt">When its participants were there.</param>
/// <param name="EndedAt">When it ended.</param>
/// <param name="WaitingFor">What is awaited, from whom and for how long still; null once the run has ended.</param>
/// <param name="Reason">Why it failed or was cancelled.</param>
internal sealed record RunListing(
    string Id, string Status, int Round, int Rounds, DateTimeOffset CreatedAt, DateTimeOffset? StartedAt, DateTimeOffset? EndedAt, string? WaitingFor, string? Reason)
{
    /// <returns>All runs, oldest first.</returns>
    public static async Task<IReadOnlyList<RunListing>> LoadAll(FedQueueDbContext db, CancellationToken cancellationToken)
    {
        List<RunListing> listings = [];
        foreach (var run in await db.Runs.AsNoTracking().OrderBy(r => r.CreatedAt).ThenBy(r => r.Id).ToListAsync(cancellationToken))
            listings.Add(await Of(db, run, cancellationToken));
        return listings;
    }

    /// <returns>Null when there is no such run.</returns>
    public static async Task<RunListing?> Load(FedQueueDbContext db, string runId, CancellationToken cancellationToken) =>
        await db.Runs.AsNoTracking().SingleOrDefaultAsync(r => r.Id == runId, cancellationToken) is { } run ? await Of(db, run, cancellationToken) : null;

    private static async Task<RunListing> Of(FedQueueDbContext db, RunRow run, CancellationToken cancellationToken)
    {
        var newest = run.HasEnded
            ? null
            : await db.Rounds.AsNoTracking().Where(r => r.RunId == run.Id).OrderByDescending(r => r.Round).FirstOrDefaultAsync(cancellationToken);
        return new(
            run.Id, run.StatusName, run.Round, run.Plan().Rounds, run.CreatedAt, run.StartedAt, run.EndedAt,
            await Wait.Sentence(db, run, newest, cancellationToken), run.Reason);
    }
}
