namespace FedQueue.Contracts;

/// <summary>
/// How weights that are too large for one message are divided: every part has the same length but the last. A broker refuses
/// messages above a limit of its own, RabbitMQ 4 above 16 MiB.
/// </summary>
public static class WeightParts
{
    /// <summary>Bytes of a part where an older aggregator, or an older database, does not say it: 4 MiB.</summary>
    public const int DefaultLength = 4 << 20;

    /// <returns>Number of parts, at least 1.</returns>
    /// <param name="bytes">Length of the whole.</param>
    /// <param name="partLength">Length of a part, above 0.</param>
    public static int Count(int bytes, int partLength) => Math.Max(1, (bytes - 1) / partLength + 1);

    /// <summary>The bytes of one part.</summary>
    /// <param name="weights">The whole.</param>
    /// <param name="part">From 1 to <see cref="Count"/>.</param>
    /// <param name="partLength">Length of a part.</param>
    public static ReadOnlyMemory<byte> Of(ReadOnlyMemory<byte> weights, int part, int partLength) =>
        weights.Slice((part - 1) * partLength, LengthOf(weights.Length, part, partLength));

    /// <returns>Length of one part: that of all, or of what is left for the last one.</returns>
    public static int LengthOf(int bytes, int part, int partLength) => Math.Min(partLength, bytes - (part - 1) * partLength);
}
