namespace FedQueue.Aggregator.Storage;

/// <summary>One line of a run's history; only ever appended.</summary>
internal sealed class EventRow
{
    public long Id { get; init; }
    public required string RunId { get; init; }
    public int? Round { get; init; }
    public required DateTimeOffset At { get; init; }
    public required string Kind { get; init; }
    public string? Participant { get; init; }
    public required string Text { get; init; }
}
