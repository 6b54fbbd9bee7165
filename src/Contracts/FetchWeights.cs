namespace FedQueue.Contracts;

/// <summary>
/// A worker asks for a part of global weights that were too large for <see cref="RoundStarted"/>. Answered with
/// <see cref="WeightsFetched"/> or <see cref="WeightsUnavailable"/>.
/// </summary>
public sealed record FetchWeights
{
    /// <summary>Names the asking worker.</summary>
    public required string WorkerId { get; init; }

    /// <summary>Run that the weights belong to.</summary>
    public required string RunId { get; init; }

    /// <summary>Round that starts from them.</summary>
    public required int Round { get; init; }

    /// <summary>SHA-256 of the whole, lower-case hex.</summary>
    public required string WeightsSha256 { get; init; }

    /// <summary>From 1.</summary>
    public required int Part { get; init; }

    /// <summary>Length of a part, as <see cref="RoundStarted.PartLength"/> says.</summary>
    public required int PartLength { get; init; }
}
