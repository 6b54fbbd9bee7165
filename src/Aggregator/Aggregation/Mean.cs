namespace FedQueue.Aggregator.Aggregation;

/// <summary>Mean of the weights with every participant counted equally, as the tutorial does it: w = Σ wₖ / K.</summary>
internal sealed class Mean : IAggregationRule
{
    public string Name => "mean";

    public double Coefficient(int sampleCount) => 1;
}
