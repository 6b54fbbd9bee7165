namespace FedQueue.Aggregator.Aggregation;

/// <summary>How much each update counts in the <see cref="WeightedMean"/> that becomes the new global weights. Holds no state and does no I/O.</summary>
internal interface IAggregationRule
{
    /// <summary>The value of <c>FedQueue:Run:Rule</c> and of <c>--rule</c> that selects this rule.</summary>
    string Name { get; }

    /// <returns>The coefficient of an update, &gt; 0.</returns>
    /// <param name="sampleCount">Windows trained on, &gt; 0.</param>
    double Coefficient(int sampleCount);
}
