namespace FedQueue.Reliability.Kills;

/// <summary>What is killed and how often.</summary>
internal sealed record KillSettings
{
    /// <summary>Kills after which no more follow; the run under way is waited for.</summary>
    public int Kills { get; init; } = 30;

    /// <summary>Decides victims and pauses. What they hit depends on the machine, so the same seed is not the same course of events.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Two aggregators that share a PostgreSQL instead of one with a SQLite file.</summary>
    public bool Postgres { get; init; }

    /// <summary>File for all that the processes say, in the order in which they say it; null: only the last lines are kept.</summary>
    public string? Journal { get; init; }

    public TimeSpan Lease { get; } = TimeSpan.FromSeconds(5);

    /// <summary>Five participants and two spares.</summary>
    public int Workers { get; } = 7;

    /// <summary>A run takes five seconds undisturbed.</summary>
    public int Rounds { get; } = 4;

    public int Epochs { get; } = 5;
    public int RunSeed { get; } = 7;

    /// <summary>Longest time that may pass between a kill and the next progress.</summary>
    public TimeSpan StallLimit => Lease + TimeSpan.FromSeconds(10);

    /// <summary>Without progress for this long there are no more kills, so that the length of a stall is seen and not cut by the next kill.</summary>
    public TimeSpan Patience { get; } = TimeSpan.FromSeconds(6);
}
