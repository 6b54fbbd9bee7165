namespace FedQueue.Aggregator.Aggregation;

/// <summary>
/// Mean of the weights, each participant counted by its samples: w = Σ nₖ·wₖ / Σ nₖ (McMahan et al. 2017,
/// "Communication-Efficient Learning of Deep Networks from Decentralized Data", Algorithm 1).
/// </summary>
internal sealed class FedAvg : IAggregationRule
{
    public string Name => "fedavg";

    public double Coefficient(int sampleCount) => sampleCount;
}
