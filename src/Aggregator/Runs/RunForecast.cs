using FedQueue.Aggregator.Storage;
using FedQueue.Contracts;
using Microsoft.EntityFrameworkCore;

namespace FedQueue.Aggregator.Runs;

/// <summary>What the newest global weights predict on a participant's held-out windows, in the target's unit and in time order.</summary>
/// <param name="Participant">Owner of the data.</param>
/// <param name="Round">Round that produced the weights; 0: initial.</param>
/// <param name="Actual">Labels; null where one is not finite.</param>
/// <param name="Predicted">Predictions, as <paramref name="Actual"/>.</param>
internal sealed record RunForecast(string Participant, int Round, IReadOnlyList<float?> Actual, IReadOnlyList<float?> Predicted)
{
    /// <returns>Null when the participant shares none.</returns>
    public static async Task<RunForecast?> Load(FedQueueDbContext db, string runId, string participant, CancellationToken cancellationToken) =>
        await db.Forecasts.AsNoTracking().SingleOrDefaultAsync(f => f.RunId == runId && f.Participant == participant, cancellationToken) is { } row
            ? From(row)
            : null;

    /// <returns>Those of all participants that share one, in ordinal order.</returns>
    public static async Task<IReadOnlyList<RunForecast>> LoadAll(FedQueueDbContext db, string runId, CancellationToken cancellationToken) =>
    [
        .. (await db.Forecasts.AsNoTracking().Where(f => f.RunId == runId).ToListAsync(cancellationToken))
            .OrderBy(row => row.Participant, StringComparer.Ordinal).Select(From),
    ];

    private static RunForecast From(ForecastRow row) => new(row.Participant, row.Round, Finite(row.Actual), Finite(row.Predicted));

    private static IReadOnlyList<float?> Finite(byte[] values) =>
        [.. WeightBytes.ToFloats(values).Select(value => float.IsFinite(value) ? value : (float?)null)];
}
