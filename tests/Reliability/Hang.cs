using System.Globalization;

namespace FedQueue.Reliability;

/// <summary>When a wait counts as a hang.</summary>
internal static class Hang
{
    /// <summary>
    /// Limit of every wait of a test. Waits end with what they wait for, so it costs nothing, and a slow machine must not reach it: more than ten times
    /// the longest wait that was seen. Who works on a test that waits in vain sets FEDQUEUE_TEST_LIMIT to a shorter one, such as 00:01:00.
    /// </summary>
    public static readonly TimeSpan Limit = Environment.GetEnvironmentVariable("FEDQUEUE_TEST_LIMIT") is { Length: > 0 } limit
        ? TimeSpan.Parse(limit, CultureInfo.InvariantCulture)
        : TimeSpan.FromHours(1);
}
