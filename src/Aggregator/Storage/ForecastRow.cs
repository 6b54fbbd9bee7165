using FedQueue.Contracts;

namespace FedQueue.Aggregator.Storage;

/// <summary>What the newest global weights that a participant evaluated predict on its held-out windows; for people to look at.</summary>
internal sealed class ForecastRow
{
    public required string RunId { get; init; }
    public required string Participant { get; init; }

    /// <summary>Round that produced the weights; 0: initial.</summary>
    public int Round { get; set; }

    /// <summary>Labels in the target's unit, little-endian float32, in time order.</summary>
    public byte[] Actual { get; set; } = [];

    /// <summary>Predictions, as <see cref="Actual"/>.</summary>
    public byte[] Predicted { get; set; } = [];

    /// <summary>Replaces the participant's forecast of the run; a participant that shares none has none.</summary>
    public static async Task Keep(FedQueueDbContext db, string runId, int answeredRound, string participant, Forecast? forecast, CancellationToken cancellationToken)
    {
        if (forecast is null)
            return;

        var row = await db.Forecasts.FindAsync([runId, participant], cancellationToken)
            ?? db.Forecasts.Add(new ForecastRow { RunId = runId, Participant = participant }).Entity;
        (row.Round, row.Actual, row.Predicted) = (answeredRound - 1, forecast.Actual, forecast.Predicted);
    }
}
