namespace FedQueue.Contracts;

/// <summary>For people to watch; nothing depends on it, so losing one is fine.</summary>
public sealed record TrainingProgressed
{
    /// <summary>Run that is trained.</summary>
    public required string RunId { get; init; }

    /// <summary>Round number from 1.</summary>
    public required int Round { get; init; }

    /// <summary>Owner of the data.</summary>
    public required string Participant { get; init; }

    /// <summary>Epochs finished.</summary>
    public required int Epoch { get; init; }

    /// <summary>Epochs of the round.</summary>
    public required int Epochs { get; init; }

    /// <summary>Mean squared error of the newest epoch on scaled labels.</summary>
    public required double Loss { get; init; }
}
