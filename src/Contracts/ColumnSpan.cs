namespace FedQueue.Contracts;

/// <summary>The smallest and the largest value of a column, in its own unit.</summary>
public sealed record ColumnSpan
{
    /// <summary>Name of the column.</summary>
    public required string Column { get; init; }

    /// <summary>Rows that it was taken over, at least 1.</summary>
    public required long Count { get; init; }

    /// <summary>Finite.</summary>
    public required double Minimum { get; init; }

    /// <summary>Finite, at least <see cref="Minimum"/>.</summary>
    public required double Maximum { get; init; }
}
