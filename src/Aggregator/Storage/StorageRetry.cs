using MassTransit;

namespace FedQueue.Aggregator.Storage;

internal static class StorageRetry
{
    private static readonly TimeSpan[] FirstPauses =
        [.. new[] { 0.05, 0.1, 0.2, 0.5, 1, 2 }.Select(TimeSpan.FromSeconds)];

    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(3);

    /// <summary>
    /// A message whose changes could not be committed is tried again until they are, and only then acknowledged. A day is
    /// longer than any broker waits for the acknowledgement: it delivers the message anew, and the tries begin again.
    /// </summary>
    public static void RetryWhileStorageIsAway(this IReceiveEndpointConfigurator endpoint) => endpoint.UseMessageRetry(retry =>
    {
        retry.Intervals([.. FirstPauses, .. Enumerable.Repeat(LongestPause, (int)(TimeSpan.FromDays(1) / LongestPause))]);
        retry.Handle<Exception>(StorageOutage.IsStorageProblem);
    });
}
