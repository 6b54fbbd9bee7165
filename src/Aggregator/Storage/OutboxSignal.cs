namespace FedQueue.Aggregator.Storage;

/// <summary>Tells the relay that a commit may have left messages, so that it need not poll.</summary>
internal sealed class OutboxSignal : IDisposable
{
    private readonly SemaphoreSlim committed = new(0, 1);

    public void Set()
    {
        try
        {
            committed.Release();
        }
        catch (SemaphoreFullException)
        {
            // The relay has not come back since the last commit; it will find both commits' rows.
        }
    }

    public Task<bool> Wait(TimeSpan atMost, CancellationToken cancellationToken) => committed.WaitAsync(atMost, cancellationToken);

    public void Dispose() => committed.Dispose();
}
