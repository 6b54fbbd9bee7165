namespace FedQueue.Cli.Data;

/// <summary>What one edge node is like; the five differ so that no participant's data looks like another's.</summary>
internal sealed record EdgeNode
{
    /// <summary>Name of the participant, and of its file.</summary>
    public required string Name { get; init; }

    /// <summary>Lowest and highest clock of the processor, GHz.</summary>
    public required (double Low, double High) Frequency { get; init; }

    /// <summary>Degrees above the room's temperature at which the processor throttles.</summary>
    public required double ThrottleAt { get; init; }

    /// <summary>Main memory in use when no task runs, percent.</summary>
    public required double IdleMemory { get; init; }

    /// <summary>How much of the memory a task takes here, relative to the reference node.</summary>
    public required double MemoryAppetite { get; init; }

    /// <summary>How often each of the four task types is started; the sum is 1.</summary>
    public required (double Filter, double Detect, double Encode, double Index) Mix { get; init; }

    /// <summary>Size of the tasks, relative to the reference node.</summary>
    public required double TaskSize { get; init; }

    /// <summary>Probability per sample that a burst of delays begins, and that it ends.</summary>
    public required (double Begins, double Ends) Burst { get; init; }

    /// <summary>Mean delay inside a burst, seconds per sample.</summary>
    public required double BurstDelay { get; init; }

    /// <summary>The five nodes of the data set.</summary>
    public static readonly IReadOnlyList<EdgeNode> All =
    [
        // A gateway: slow and steady, filters sensor streams.
        new()
        {
            Name = "task_001", Frequency = (1.0, 1.6), ThrottleAt = 40, IdleMemory = 45, MemoryAppetite = 1.0,
            Mix = (0.5, 0.1, 0.15, 0.25), TaskSize = 0.6, Burst = (0.02, 0.25), BurstDelay = 5,
        },
        // A camera hub: fast, detects objects, gets hot.
        new()
        {
            Name = "task_005", Frequency = (1.8, 3.2), ThrottleAt = 36, IdleMemory = 40, MemoryAppetite = 1.1,
            Mix = (0.1, 0.5, 0.3, 0.1), TaskSize = 1.3, Burst = (0.015, 0.3), BurstDelay = 4,
        },
        // A box with little memory: swaps as soon as an index is built.
        new()
        {
            Name = "task_009", Frequency = (1.4, 2.2), ThrottleAt = 34, IdleMemory = 58, MemoryAppetite = 1.4,
            Mix = (0.25, 0.15, 0.15, 0.45), TaskSize = 0.8, Burst = (0.02, 0.25), BurstDelay = 5,
        },
        // A vehicle: its radio link comes and goes, so bursts are frequent and long.
        new()
        {
            Name = "task_010", Frequency = (1.6, 2.6), ThrottleAt = 32, IdleMemory = 42, MemoryAppetite = 0.9,
            Mix = (0.3, 0.3, 0.25, 0.15), TaskSize = 0.9, Burst = (0.04, 0.15), BurstDelay = 7,
        },
        // A small server: fast, cool, roomy; large mixed tasks.
        new()
        {
            Name = "task_014", Frequency = (2.4, 3.6), ThrottleAt = 52, IdleMemory = 30, MemoryAppetite = 0.8,
            Mix = (0.2, 0.2, 0.3, 0.3), TaskSize = 1.8, Burst = (0.01, 0.4), BurstDelay = 3,
        },
    ];
}
