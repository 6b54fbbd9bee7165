namespace FedQueue.Contracts;

/// <summary>The way of answers to the broker.</summary>
public interface IUplink
{
    /// <summary>Returns when the broker has the message.</summary>
    /// <exception cref="TimeoutException">It made no progress; it may have got there all the same.</exception>
    Task Publish(object message, CancellationToken cancellationToken);
}
