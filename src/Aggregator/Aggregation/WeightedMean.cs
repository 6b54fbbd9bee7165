namespace FedQueue.Aggregator.Aggregation;

internal static class WeightedMean
{
    /// <summary>Σ cₖ·wₖ / Σ cₖ with coefficients cₖ &gt; 0, summed in double precision in the order of the updates.</summary>
    public static float[] Of(IReadOnlyList<ParticipantUpdate> updates, Func<ParticipantUpdate, double> coefficient)
    {
        var sums = new double[updates[0].Weights.Length];
        var total = 0.0;
        foreach (var update in updates)
        {
            var share = coefficient(update);
            total += share;
            for (var i = 0; i < sums.Length; i++)
                sums[i] += share * update.Weights[i];
        }

        return Array.ConvertAll(sums, sum => (float)(sum / total));
    }
}
