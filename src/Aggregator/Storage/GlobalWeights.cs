using FedQueue.Contracts;
using Microsoft.EntityFrameworkCore;

namespace FedQueue.Aggregator.Storage;

/// <summary>The global weights that were asked for last, or the last parts of them; every participant of a round asks for the same ones.</summary>
internal sealed class GlobalWeights
{
    /// <summary>Participants of one round are about so many parts apart.</summary>
    private const int Kept = 4;

    /// <summary>Of one set of weights, the newest first. Replaced and never changed; a stretch that two readers add at once is read once more.</summary>
    private Stretch[] newest = [];

    /// <summary>Weights that will be asked for next. Should their transaction be undone, nobody knows their hash.</summary>
    public void Keep(ModelRow model) => newest = model.PartLength == 0 ? [new(model.WeightsSha256, 0, model.Weights.Length, model.Weights)] : [];

    /// <returns>A stretch of the weights that a round starts from, shorter where they end, empty beyond that; null when the database does not have them.</returns>
    public async Task<ReadOnlyMemory<byte>?> Of(FedQueueDbContext db, string runId, int round, string sha256, int start, int length, CancellationToken cancellationToken)
    {
        if (newest.FirstOrDefault(stretch => stretch.Sha256 == sha256 && stretch.Start == start && stretch.Length == length) is { } known)
            return known.Weights;

        var model = await db.Models.AsNoTracking().SingleOrDefaultAsync(m => m.RunId == runId && m.Round == round - 1 && m.WeightsSha256 == sha256, cancellationToken);
        if (model is null)
            return null;
        var weights = WeightsFetched.Room(Math.Clamp(model.Length - start, 0, length));
        if (weights.Length > 0 && !await ModelRow.Read(db, model, start, weights, cancellationToken))
            return null;
        newest = [new(sha256, start, length, weights), .. newest.Where(stretch => stretch.Sha256 == sha256).Take(Kept - 1)];
        return weights;
    }

    /// <returns>The message as it is sent: with its weights, unless they need parts.</returns>
    public async Task<object> Complete(FedQueueDbContext db, object message, CancellationToken cancellationToken)
    {
        if (message is not RoundStarted { Weights.Length: 0, WeightsSha256: { } sha256 } round)
            return message;
        var length = round.Model.ParameterCount() * sizeof(float);
        return length <= round.PartLength
            ? round with { Weights = await Of(db, round.RunId, round.Round, sha256, 0, length, cancellationToken) ?? default }
            : round;
    }

    private sealed record Stretch(string Sha256, int Start, int Length, ReadOnlyMemory<byte> Weights);
}
