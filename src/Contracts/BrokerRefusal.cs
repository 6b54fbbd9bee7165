using MassTransit;
using RabbitMQ.Client.Exceptions;
using Code = RabbitMQ.Client.Constants;

namespace FedQueue.Contracts;

/// <summary>
/// Ends a program that the broker refuses what it needs: an object that is there with other arguments, a right that is missing. Nothing changes by trying again, which
/// is what MassTransit does.
/// </summary>
internal sealed class BrokerRefusal(BrokerAddress broker, Ending ending) : IReceiveEndpointObserver, IPublishObserver
{
    public Task Faulted(ReceiveEndpointFaulted faulted) => EndBecauseOf(faulted.Exception);

    public Task PublishFault<T>(PublishContext<T> context, Exception exception) where T : class => EndBecauseOf(exception);

    public Task Ready(ReceiveEndpointReady ready) => Task.CompletedTask;

    public Task Stopping(ReceiveEndpointStopping stopping) => Task.CompletedTask;

    public Task Completed(ReceiveEndpointCompleted completed) => Task.CompletedTask;

    public Task PrePublish<T>(PublishContext<T> context) where T : class => Task.CompletedTask;

    public Task PostPublish<T>(PublishContext<T> context) where T : class => Task.CompletedTask;

    /// <returns>What the person is told; null when the broker has not refused anything, or what it refuses passes.</returns>
    internal static string? SentenceOf(Exception exception, BrokerAddress broker)
    {
        for (Exception? cause = exception; cause is not null; cause = cause.InnerException)
        {
            if (cause is BrokerCertificateException untrusted)
                return $"{broker.Place}: {untrusted.Message}.";
            if (cause is not OperationInterruptedException { ShutdownReason: { } reason })
                continue;
            var text = reason.ReplyText.TrimEnd('.');
            switch (reason.ReplyCode)
            {
                // It names object, virtual host, and the argument with both values.
                case Code.PreconditionFailed when text.Contains("inequivalent arg", StringComparison.Ordinal):
                    return $"{broker.Place} has an object in virtual host '{broker.VirtualHost}' that is not as FedQueue needs it ({text}); "
                        + "delete it (rabbitmqctl delete_queue, or the management pages for an exchange), give the virtual host back the default queue type that it had, "
                        + "or set FedQueue:RabbitMq:VirtualHost to another one, and start again.";
                case Code.AccessRefused:
                    return $"{broker.Place} does not let user '{broker.User}' do in virtual host '{broker.VirtualHost}' what FedQueue needs ({text}); "
                        + "give the user the rights to configure, write and read there (rabbitmqctl set_permissions), and start again.";
            }
        }

        return null;
    }

    private Task EndBecauseOf(Exception? exception)
    {
        if (exception is not null && SentenceOf(exception, broker) is { } sentence)
            ending.Because(sentence, Startup.Unusable);
        return Task.CompletedTask;
    }
}
