using MassTransit;

namespace FedQueue.Contracts;

/// <summary>
/// Sends large answers over a connection of their own, made when the first is sent: over a slow uplink one takes minutes, and the renewals of leases must not stand in line behind it.
/// In memory there is no line, and no other bus.
/// </summary>
/// <param name="bus">For all that is small.</param>
/// <param name="broker">Null: in memory.</param>
/// <param name="refusal">Ends the program when the broker refuses; null: in memory.</param>
internal sealed class BrokerUplink(IBus bus, BrokerAddress? broker, BrokerRefusal? refusal) : IUplink, IAsyncDisposable
{
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(2);

    private readonly SemaphoreSlim gate = new(1);
    private IBusControl? own;

    public async Task Publish(object message, CancellationToken cancellationToken)
    {
        if (broker is null || BrokerCall.WeightsIn(message) < BrokerCall.Large)
        {
            await BrokerCall.Limited(limited => bus.Publish(message, message.GetType(), limited), message, cancellationToken);
            return;
        }

        var mine = await Own(cancellationToken);
        try
        {
            await BrokerCall.Limited(limited => mine.Publish(message, message.GetType(), limited), message, cancellationToken);
        }
        catch (TimeoutException)
        {
            // Nothing moves any more. With the connection goes what is still in flight, so that no byte is sent a third time.
            await Forget(mine);
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (own is { } mine)
            await Forget(mine);
        gate.Dispose();
    }

    private async Task<IBusControl> Own(CancellationToken cancellationToken)
    {
        await gate.WaitAsync(cancellationToken);
        try
        {
            if (own is not null)
                return own;
            var made = Transport.CreateBus(broker!);
            made.ConnectPublishObserver(refusal!);
            await made.StartAsync(cancellationToken);
            return own = made;
        }
        finally
        {
            gate.Release();
        }
    }

    private async Task Forget(IBusControl which)
    {
        if (Interlocked.CompareExchange(ref own, null, which) == which)
            await which.StopAsync(CancellationToken.None).WaitAsync(StopLimit).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
