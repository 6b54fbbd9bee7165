using System.Diagnostics;
using FedQueue.Aggregator.Rounds;
using FedQueue.Contracts;
using MassTransit;

namespace FedQueue.Aggregator.Storage;

/// <summary>Where committed messages go. The seeded simulation has a transport of its own.</summary>
internal interface IOutgoing
{
    /// <summary>Returns once the message cannot be lost any more.</summary>
    /// <param name="message">One of the contracts.</param>
    /// <param name="id">The same at every try.</param>
    /// <param name="queue">The one queue it goes to; null: every subscriber.</param>
    /// <param name="cancellationToken">Stops waiting for the broker.</param>
    /// <exception cref="OutgoingException">It may be lost: try again.</exception>
    Task Publish(object message, Guid id, string? queue, CancellationToken cancellationToken);
}

internal sealed class BusOutgoing(IBus bus) : IOutgoing
{
    public async Task Publish(object message, Guid id, string? queue, CancellationToken cancellationToken)
    {
        using var span = RoundTrace.RoundOf(message) is { } roundId ? RoundMetrics.Source.StartStep("publish", roundId) : null;
        span?.SetTag("fedqueue.message", message.GetType().Name);
        try
        {
            // An aggregator that is cut off from the broker must leave the outbox to the others.
            await BrokerCall.Limited(limited => Send(message, id, queue, limited), message, cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            span?.SetStatus(ActivityStatusCode.Error, exception.Message);
            throw new OutgoingException(exception);
        }
    }

    private async Task Send(object message, Guid id, string? queue, CancellationToken cancellationToken)
    {
        if (queue is null)
        {
            await bus.Publish(message, message.GetType(), Pipe.Execute<PublishContext>(context => context.MessageId = id), cancellationToken);
            return;
        }

        // To the exchange in front of the queue: an address of the queue itself would declare it anew, with other arguments
        // than the worker's, and the broker would refuse that.
        var endpoint = await bus.GetSendEndpoint(new Uri($"exchange:{queue}"));
        await endpoint.Send(message, message.GetType(), Pipe.Execute<SendContext>(context => context.MessageId = id), cancellationToken);
    }
}

/// <summary>The broker did not take a message.</summary>
internal sealed class OutgoingException(Exception cause) : Exception(cause.GetBaseException().Message, cause);
