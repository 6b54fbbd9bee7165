using FedQueue.Contracts;

namespace FedQueue.Cli.Data;

/// <summary>One sample of a node: the eight columns in the order and units of Data/README.md.</summary>
internal readonly record struct TaskSample(
    double Progress,
    double CpuFrequency,
    double MemoryUsage,
    int TaskType,
    double Speed,
    double Delay,
    int HistoricalTaskCount,
    double HistoricalTaskDuration);

/// <summary>
/// A node that computes one task after another and sends each result before it starts the next, sampled every ten seconds.
/// Only + − × ÷ are used: an exponential or a sine would give other last digits with another C library, and the data would
/// not be the same everywhere.
/// </summary>
internal sealed class TaskTrace(EdgeNode node, SeededRandom random)
{
    private const double SampleSeconds = 10;
    private const double HistorySeconds = 3600;

    // By task type: billions of cycles (tasks of a type differ by up to 15 %), percent of the memory, and seconds of
    // undisturbed link that the result takes.
    private static readonly double[] Cycles = [300, 600, 450, 380];
    private static readonly double[] MemoryShare = [6, 18, 12, 10];
    private static readonly double[] Delivery = [18, 8, 28, 18];

    private readonly Queue<(double FinishedAt, double Duration)> history = new();
    private double now;
    private double drift;
    private double heat = node.ThrottleAt / 2;
    private bool throttled;
    private double background;
    private bool inBurst;

    private int type;
    private double work;
    private double progress;
    private double startedAt;
    private bool delivering;
    private double delivered;

    /// <summary>Samples after two hours of warming up, so that the history columns start out full.</summary>
    public IEnumerable<TaskSample> Samples(int count)
    {
        StartTask();
        for (var sample = -(int)(2 * HistorySeconds / SampleSeconds); sample < count; sample++)
        {
            var next = Step();
            if (sample >= 0)
                yield return next;
        }
    }

    private TaskSample Step()
    {
        var frequency = NextFrequency();
        var delay = NextDelay();
        background += -0.1 * background + 0.8 * random.NextNormal();

        // The node's agent looks once per sample, so a task changes its state at the samples only.
        now += SampleSeconds;
        var useful = SampleSeconds - delay;
        if (delivering)
            Deliver(useful);
        else
            Compute(useful * Speed(frequency));
        while (history.TryPeek(out var oldest) && oldest.FinishedAt < now - HistorySeconds)
            history.Dequeue();

        return new(
            progress, frequency, Memory(), type, delivering ? 0 : Speed(frequency), delay,
            history.Count, history.Select(task => task.Duration).DefaultIfEmpty().Average());
    }

    private void Compute(double percent)
    {
        progress = Math.Min(100, progress + percent);
        delivering = progress == 100;
        delivered = 0;
    }

    private void Deliver(double seconds)
    {
        delivered += seconds;
        if (delivered < Delivery[type - 1])
            return;
        history.Enqueue((now, now - startedAt));
        StartTask();
    }

    private void StartTask()
    {
        var draw = random.NextDouble();
        type = draw < node.Mix.Filter ? 1
            : draw < node.Mix.Filter + node.Mix.Detect ? 2
            : draw < node.Mix.Filter + node.Mix.Detect + node.Mix.Encode ? 3
            : 4;
        work = node.TaskSize * Cycles[type - 1] * (0.85 + 0.3 * random.NextDouble());
        progress = 0;
        delivering = false;
        startedAt = now;
    }

    /// <summary>The clock wanders between its limits; a hot processor runs at its lowest until it has cooled down.</summary>
    private double NextFrequency()
    {
        drift += -0.08 * drift + 0.12 * random.NextNormal();
        var (low, high) = node.Frequency;
        var frequency = throttled ? low : Math.Clamp(low + (high - low) * (0.65 + 0.5 * drift), low, high);

        heat += 0.05 * (14 * frequency - heat);
        throttled = throttled ? heat > 0.85 * node.ThrottleAt : heat > node.ThrottleAt;
        return frequency;
    }

    /// <summary>Seconds of the sample that are lost: a little always, much while a burst lasts.</summary>
    private double NextDelay()
    {
        inBurst = inBurst ? random.NextDouble() >= node.Burst.Ends : random.NextDouble() < node.Burst.Begins;
        return inBurst
            ? Math.Clamp(node.BurstDelay + 1.0 * random.NextNormal(), 0, 9)
            : 0.4 * random.NextDouble();
    }

    /// <summary>Percent in use: an index grows while it is built, the other types take their share at once.</summary>
    private double Memory()
    {
        var growth = type == 4 ? 0.22 * progress : 0;
        return Math.Clamp(node.IdleMemory + background + node.MemoryAppetite * (MemoryShare[type - 1] + growth), 0, 100);
    }

    /// <summary>Percent of the task per second; above 70 % of memory in use the node begins to swap, at 100 % it runs at a third.</summary>
    private double Speed(double frequency)
    {
        var pressure = Math.Max(0, Memory() - 70) / 30;
        // An encoder has its own unit beside the processor: the clock counts for half of its speed.
        var effective = type == 3 ? 0.5 * frequency + 0.5 * node.Frequency.High : frequency;
        return 100 * effective / work / (1 + 2 * pressure);
    }
}
