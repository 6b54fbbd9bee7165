namespace FedQueue.Aggregator.Aggregation;

/// <summary>The rules by name.</summary>
internal static class AggregationRules
{
    public static IReadOnlyList<IAggregationRule> All { get; } = [new FedAvg(), new Mean()];

    /// <summary>Names for messages to people, such as <c>fedavg, mean</c>.</summary>
    public static string Names => string.Join(", ", All.Select(rule => rule.Name));

    /// <returns>Null when no rule has the name.</returns>
    public static IAggregationRule? Find(string name) => All.FirstOrDefault(rule => rule.Name == name);
}
