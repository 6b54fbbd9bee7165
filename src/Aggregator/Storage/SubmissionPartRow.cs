namespace FedQueue.Aggregator.Storage;

/// <summary>A part of weights that are too large for one message; the key makes a second copy impossible.</summary>
internal sealed class SubmissionPartRow
{
    public required string RunId { get; init; }
    public required int Round { get; init; }
    public required string Participant { get; init; }

    /// <summary>Of the whole: parts of different results of one participant are never mixed.</summary>
    public required string WeightsSha256 { get; init; }

    /// <summary>From 1.</summary>
    public required int Part { get; init; }

    public required byte[] Weights { get; init; }

    public static PartKey Key(string runId, int round, string participant, string weightsSha256, int part) => new(
        nameof(FedQueueDbContext.SubmissionParts),
        (nameof(RunId), runId), (nameof(Round), round), (nameof(Participant), participant), (nameof(WeightsSha256), weightsSha256), (nameof(Part), part));
}
