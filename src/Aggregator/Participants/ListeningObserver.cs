using MassTransit;

namespace FedQueue.Aggregator.Participants;

/// <summary>Leases lapse only while the queue of their renewals is read.</summary>
internal sealed class ListeningObserver(Leases leases) : IReceiveEndpointObserver
{
    public Task Ready(ReceiveEndpointReady ready)
    {
        if (IsOurs(ready.InputAddress))
            leases.ListenAnew();
        return Task.CompletedTask;
    }

    public Task Faulted(ReceiveEndpointFaulted faulted)
    {
        if (IsOurs(faulted.InputAddress))
            leases.StopListening();
        return Task.CompletedTask;
    }

    public Task Stopping(ReceiveEndpointStopping stopping) => Task.CompletedTask;

    public Task Completed(ReceiveEndpointCompleted completed)
    {
        if (IsOurs(completed.InputAddress))
            leases.StopListening();
        return Task.CompletedTask;
    }

    private static bool IsOurs(Uri queue) => queue.AbsolutePath.EndsWith(ParticipantsEndpoint.Name, StringComparison.Ordinal);
}
