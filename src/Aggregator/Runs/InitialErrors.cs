using FedQueue.Aggregator.Storage;

namespace FedQueue.Aggregator.Runs;

/// <summary>Error of a run's initial model, read once: it is final when the first round is closed, and each later round stands beside it.</summary>
internal sealed class InitialErrors
{
    private (string RunId, double Rmse)? newest;

    /// <returns>Root of the mean squared error over all participants, in the target's unit; null when nobody's counts.</returns>
    public async Task<double?> Rmse(FedQueueDbContext db, string runId, CancellationToken cancellationToken)
    {
        if (newest is { } known && known.RunId == runId)
            return known.Rmse;
        if (await db.Queries.InitialMse(db, runId, cancellationToken) is not { } mse)
            return null;

        newest = (runId, Math.Sqrt(mse));
        return Math.Sqrt(mse);
    }
}
