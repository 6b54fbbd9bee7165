using FedQueue.Contracts;
using Microsoft.EntityFrameworkCore;

namespace FedQueue.Aggregator.Storage;

/// <summary>The global weights that were asked for last; every participant of a round asks for the same ones.</summary>
internal sealed class GlobalWeights
{
    private Known? newest;

    /// <summary>Those of the round before are not asked for any more, and would only lie beside the new ones.</summary>
    public void Forget() => newest = null;

    /// <summary>Weights that will be asked for next. Should their transaction be undone, nobody knows their hash.</summary>
    public void Keep(ModelRow model) => newest = new(model.WeightsSha256, model.Weights);

    /// <returns>The weights that a round starts from; null when the database does not have them.</returns>
    public async Task<byte[]?> Of(FedQueueDbContext db, string runId, int round, string sha256, CancellationToken cancellationToken)
    {
        var known = newest;
        if (known?.Sha256 == sha256)
            return known.Weights;

        // Not beside the new ones, when the collector comes.
        Forget();
        var weights = await db.Models.Where(m => m.RunId == runId && m.Round == round - 1 && m.WeightsSha256 == sha256)
            .Select(m => m.Weights).SingleOrDefaultAsync(cancellationToken);
        if (weights is not null)
            newest = new(sha256, weights);
        return weights;
    }

    /// <returns>The message as it is sent: with its weights, unless they need parts.</returns>
    public async Task<object> Complete(FedQueueDbContext db, object message, CancellationToken cancellationToken) =>
        message is RoundStarted { Weights.Length: 0, WeightsSha256: { } sha256 } round && round.Model.ParameterCount() * sizeof(float) <= round.PartLength
            ? round with { Weights = await Of(db, round.RunId, round.Round, sha256, cancellationToken) ?? [] }
            : message;

    /// <summary>One reference, so that nobody sees the hash of one and the weights of another.</summary>
    private sealed record Known(string Sha256, byte[] Weights);
}
