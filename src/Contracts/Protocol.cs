namespace FedQueue.Contracts;

/// <summary>
/// The version of the messages in this assembly. Optional fields may be added within a version; a change that an older program
/// would misunderstand makes a new one.
/// </summary>
public static class Protocol
{
    /// <summary>What this program speaks.</summary>
    public const int Version = 4;

    /// <summary>The oldest that it still understands.</summary>
    public const int OldestVersion = 4;

    /// <returns>Why the worker cannot be served, as a sentence that names both versions; null when it can.</returns>
    public static string? ProblemOf(int version, string workerId) => version switch
    {
        > Version => $"{workerId} speaks version {version} of FedQueue's messages and this aggregator only {Known}: update the aggregator.",
        < OldestVersion => $"{workerId} speaks version {version} of FedQueue's messages and this aggregator only {Known}: update the worker.",
        _ => null,
    };

    private static string Known => OldestVersion == Version ? $"version {Version}" : $"versions {OldestVersion} to {Version}";
}
