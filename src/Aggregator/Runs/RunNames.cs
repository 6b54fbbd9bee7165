using System.Globalization;

namespace FedQueue.Aggregator.Runs;

internal static class RunNames
{
    /// <summary>A name that sorts by time and that two runs of one second do not share. No result depends on it.</summary>
    public static string New() =>
        string.Create(CultureInfo.InvariantCulture, $"{DateTime.UtcNow:yyyyMMdd-HHmmss}-{Random.Shared.Next(0x10000):x4}");
}
