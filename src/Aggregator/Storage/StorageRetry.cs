using MassTransit;

namespace FedQueue.Aggregator.Storage;

internal static class StorageRetry
{
    /// <summary>A message whose changes could not be committed is tried again for about five minutes; nothing of it was stored.</summary>
    public static void RetryWhileStorageIsAway(this IReceiveEndpointConfigurator endpoint) =>
        endpoint.UseMessageRetry(retry => retry.Exponential(
            retryLimit: 15, TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(30), TimeSpan.FromMilliseconds(200)));
}
