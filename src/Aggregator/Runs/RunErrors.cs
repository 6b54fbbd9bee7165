using FedQueue.Aggregator.Storage;
using Microsoft.EntityFrameworkCore;

namespace FedQueue.Aggregator.Runs;

/// <summary>Held-out errors of the global weights by the round that produced them; 0: initial.</summary>
internal static class RunErrors
{
    /// <summary>Over all participants, weighted by windows; summed by the database, so that a thousand rounds of hundreds cost one short answer.</summary>
    public static async Task<IReadOnlyList<RoundError>> Weighted(FedQueueDbContext db, string runId, CancellationToken cancellationToken) =>
        await db.Submissions.Where(s => s.RunId == runId && s.HeldOutWindows > 0).GroupBy(s => s.Round).OrderBy(round => round.Key)
            .Select(round => new RoundError(
                round.Key - 1,
                round.Sum(s => s.GlobalMse * s.HeldOutWindows) / round.Sum(s => s.HeldOutWindows),
                round.Sum(s => s.GlobalMae * s.HeldOutWindows) / round.Sum(s => s.HeldOutWindows)))
            .ToListAsync(cancellationToken);

    /// <summary>On one participant's windows.</summary>
    public static async Task<IReadOnlyList<RoundError>> Of(FedQueueDbContext db, string runId, string participant, CancellationToken cancellationToken) =>
        await db.Submissions.Where(s => s.RunId == runId && s.Participant == participant).OrderBy(s => s.Round)
            .Select(s => new RoundError(s.Round - 1, s.GlobalMse, s.GlobalMae)).ToListAsync(cancellationToken);
}

/// <param name="Round">Round that produced the weights.</param>
/// <param name="Mse">Mean squared error, target's unit squared.</param>
/// <param name="Mae">Mean absolute error, target's unit.</param>
internal sealed record RoundError(int Round, double Mse, double Mae)
{
    /// <summary>Root of <see cref="Mse"/>, target's unit.</summary>
    public double Rmse => Math.Sqrt(Mse);
}
