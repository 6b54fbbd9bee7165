using FedQueue.Aggregator.Rounds;
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

    /// <summary>
    /// One try of a message. What fails although others are committed meanwhile, again and again, fails because of itself: it must not be handed out for ever. A full disk
    /// is waited for, because it may have room for what is small and none for what is large.
    /// </summary>
    /// <exception cref="MessageSetAsideException">It is given up.</exception>
    public static async Task Try(ConsumeContext message, FedQueueDbContext db, Func<Task> handle)
    {
        try
        {
            await handle();
        }
        catch (Exception exception) when (StorageOutage.IsStorageProblem(exception) && !StorageOutage.IsFull(exception))
        {
            var tries = message.ReceiveContext.GetOrAddPayload(() => new FailedTries(db.Commits));
            tries.Count++;
            if (tries.Count < FirstPauses.Length || db.Commits - tries.CommitsBefore < MostCommitsOfOthers)
                throw;
            throw new MessageSetAsideException(exception, tries.Count, db.Commits - tries.CommitsBefore);
        }
    }

    /// <summary>Several times what is handled at once.</summary>
    private const int MostCommitsOfOthers = 10 * RoundDefinition.Concurrency;

    private sealed record FailedTries(long CommitsBefore)
    {
        public int Count { get; set; }
    }
}

/// <summary>A message alone fails while the storage works for others. The cause is in its words only: MassTransit would see in it a reason to try again.</summary>
internal sealed class MessageSetAsideException(Exception cause, int tries, long others)
    : Exception($"it failed {tries} times while {others} others were stored: {cause.GetBaseException().Message}");
