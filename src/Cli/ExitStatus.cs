namespace FedQueue.Cli;

/// <summary>Exit statuses of every command.</summary>
internal static class ExitStatus
{
    public const int Done = 0;

    /// <summary>The run failed.</summary>
    public const int Failed = 1;

    /// <summary>Wrong usage or unusable input.</summary>
    public const int Usage = 2;

    /// <summary>Interrupted by a person; 128 + SIGINT.</summary>
    public const int Interrupted = 130;
}
