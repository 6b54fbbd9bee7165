using System.Diagnostics.Metrics;

namespace FedQueue.Contracts;

/// <summary>Bucket boundaries of durations in seconds; OpenTelemetry's default ones are made for milliseconds.</summary>
public static class Durations
{
    /// <summary>A millisecond to a minute.</summary>
    public static InstrumentAdvice<double> OfMessages { get; } =
        new() { HistogramBucketBoundaries = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60] };

    /// <summary>A tenth of a second to hours.</summary>
    public static InstrumentAdvice<double> OfTraining { get; } =
        new() { HistogramBucketBoundaries = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1_800, 3_600, 10_800] };
}
