namespace FedQueue.Aggregator.Storage;

/// <summary>Tells the relay that a commit has left messages, so that it need not poll.</summary>
internal sealed class OutboxSignal : IDisposable
{
    private readonly Lock gate = new();
    private readonly SemaphoreSlim committed = new(0, 1);

    public void Set()
    {
        lock (gate)
        {
            // A relay that has not come back since the last commit will find both commits' rows.
            if (committed.CurrentCount == 0)
                committed.Release();
        }
    }

    public Task<bool> Wait(TimeSpan atMost, CancellationToken cancellationToken) => committed.WaitAsync(atMost, cancellationToken);

    public void Dispose() => committed.Dispose();
}
