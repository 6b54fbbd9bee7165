using FedQueue.Contracts;

namespace FedQueue.Reliability.Simulation;

/// <summary>What a participant would learn, without learning: a function of seed, round, participant and global weights.</summary>
internal static class StubTraining
{
    public const int SampleCount = 10;

    public static float[] Train(ulong seed, int round, string participant, ReadOnlySpan<float> global)
    {
        var random = SeededRandom.For(seed, $"{round}/{participant}");
        var weights = new float[global.Length];
        for (var i = 0; i < weights.Length; i++)
            weights[i] = (float)(0.5 * global[i] + random.NextNormal());

        // Two that cancel and one that is small: summed in another order, the small one is lost.
        weights[0] = participant switch
        {
            "p1" => 1e20f,
            "p2" => -1e20f,
            _ => weights[0],
        };
        return weights;
    }

    /// <summary>The mean, computed here as plainly as can be: what the aggregator gives must be these bits.</summary>
    public static float[] Mean(IEnumerable<(string Participant, float[] Weights)> submissions)
    {
        var ordered = submissions.OrderBy(s => s.Participant, StringComparer.Ordinal).ToList();
        var mean = new float[ordered[0].Weights.Length];
        for (var i = 0; i < mean.Length; i++)
        {
            var sum = 0.0;
            foreach (var (_, weights) in ordered)
                sum += (double)SampleCount * weights[i];
            mean[i] = (float)(sum / (SampleCount * ordered.Count));
        }

        return mean;
    }
}
