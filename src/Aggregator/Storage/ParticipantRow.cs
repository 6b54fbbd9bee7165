namespace FedQueue.Aggregator.Storage;

/// <summary>The lease on a participant.</summary>
internal sealed class ParticipantRow
{
    public required string Name { get; init; }

    /// <summary>Holder, also when its lease has lapsed; null when it was given back.</summary>
    public string? WorkerId { get; set; }

    /// <summary>The worker that gave it back last. What it submitted before may still be on its way, and is as good as any.</summary>
    public string? GivenBackBy { get; set; }

    public DateTimeOffset LeaseUntil { get; set; }
    public DateTimeOffset LastHeard { get; set; }

    /// <summary>The holder's queue is there, so that a round opened now reaches it.</summary>
    public bool Listening { get; set; }

    /// <summary>Spans of its columns, a list of <see cref="Contracts.ColumnSpan"/> as JSON; null when it shares none.</summary>
    public string? SpansJson { get; set; }

    public bool MayAnswer(string workerId) => workerId == WorkerId || workerId == GivenBackBy;
}
