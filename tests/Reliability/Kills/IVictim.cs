namespace FedQueue.Reliability.Kills;

/// <summary>Something that is killed without warning and started again.</summary>
internal interface IVictim : IAsyncDisposable
{
    /// <summary>aggregator, worker, broker or database.</summary>
    string Kind { get; }

    string Name { get; }

    bool IsUp { get; }

    /// <summary>SIGKILL.</summary>
    Task Kill();

    /// <summary>Starts it, for the first time or again; a container is waited for until it answers.</summary>
    Task Start(CancellationToken cancellationToken);

    /// <summary>The last lines of its log.</summary>
    Task<string> Tail();
}
