namespace FedQueue.Aggregator.Aggregation;

/// <summary>Turns one round's updates into new global weights. Holds no state and does no I/O.</summary>
internal interface IAggregationRule
{
    /// <summary>The value of <c>FedQueue:Run:Rule</c> and of <c>--rule</c> that selects this rule.</summary>
    string Name { get; }

    /// <summary>Combines K updates of P weights each.</summary>
    /// <param name="updates">K &gt;= 1 updates of shape [P], in ordinal order of participant; not modified.</param>
    /// <returns>Newly allocated weights of shape [P]; equal inputs give equal bits.</returns>
    float[] Aggregate(IReadOnlyList<ParticipantUpdate> updates);
}

/// <summary>What one participant contributes to a round.</summary>
/// <param name="Participant">Owner of the data.</param>
/// <param name="SampleCount">Windows trained on, &gt; 0.</param>
/// <param name="Weights">Trained weights, shape [P], all finite.</param>
internal sealed record ParticipantUpdate(string Participant, int SampleCount, float[] Weights);
