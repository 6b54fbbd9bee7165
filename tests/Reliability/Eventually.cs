namespace FedQueue.Reliability;

internal static class Eventually
{
    /// <summary>Asks again and again until the condition holds.</summary>
    public static async Task Holds(Func<Task<bool>> condition, Func<string> what)
    {
        using var timeout = new CancellationTokenSource(Hang.Limit);
        using var poll = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (!await condition())
        {
            try
            {
                await poll.WaitForNextTickAsync(timeout.Token);
            }
            catch (OperationCanceledException)
            {
                throw new TimeoutException($"Not within {Hang.Limit}: {what()}");
            }
        }
    }
}
