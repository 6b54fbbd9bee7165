namespace FedQueue.Aggregator.Storage;

/// <summary>A part of global weights that are too large for one message.</summary>
internal sealed class ModelPartRow
{
    public required string RunId { get; init; }
    public required int Round { get; init; }

    /// <summary>From 1.</summary>
    public required int Part { get; init; }

    public required byte[] Weights { get; init; }

    public static PartKey Key(string runId, int round, int part) =>
        new(nameof(FedQueueDbContext.ModelParts), (nameof(RunId), runId), (nameof(Round), round), (nameof(Part), part));
}
