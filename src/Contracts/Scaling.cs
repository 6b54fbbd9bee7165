namespace FedQueue.Contracts;

/// <summary>Names of the ways to scale columns to [0, 1].</summary>
public static class Scaling
{
    /// <summary>Each participant by its own training rows.</summary>
    public const string Participant = "participant";

    /// <summary>
    /// All by the smallest and the largest value of anybody's training rows, which the participants tell the aggregator; so the model
    /// can predict for a participant that it never saw.
    /// </summary>
    public const string Federated = "federated";

    /// <summary>All that a plan may name.</summary>
    public static IReadOnlyList<string> All { get; } = [Participant, Federated];
}
