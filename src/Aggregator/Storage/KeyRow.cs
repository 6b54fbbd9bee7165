namespace FedQueue.Aggregator.Storage;

/// <summary>A key with which pages protect what they give to browsers; all aggregators of one database have the same.</summary>
internal sealed class KeyRow
{
    public long Id { get; init; }

    /// <summary>As ASP.NET Core's data protection writes it.</summary>
    public required string Xml { get; init; }
}
