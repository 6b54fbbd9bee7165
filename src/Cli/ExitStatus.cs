namespace FedQueue.Cli;

/// <summary>Exit statuses of every command.</summary>
internal static class ExitStatus
{
    public const int Done = 0;

    /// <summary>The run failed, or what the command found could not be written.</summary>
    public const int Failed = 1;

    /// <summary>Wrong usage or unusable input.</summary>
    public const int Usage = 2;

    /// <summary>Interrupted by a person; 128 + SIGINT.</summary>
    public const int Interrupted = 130;

    /// <summary>Whoever read standard output has gone; 128 + SIGPIPE, as a program has it that the signal ends.</summary>
    public const int OutputClosed = 141;
}
