using MassTransit;
using Microsoft.Extensions.Logging;

namespace FedQueue.Contracts;

/// <summary>Says in a sentence that a message could not be handled, in place of MassTransit's own lines, which are for who knows its code.</summary>
internal sealed partial class FailedMessages(TimeProvider clock, ILogger<FailedMessages> log) : IReceiveObserver
{
    private readonly RareLines lines = new(clock);

    public Task ConsumeFault<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType, Exception exception) where T : class
    {
        Tell(typeof(T).Name, context.ReceiveContext, exception);
        return Task.CompletedTask;
    }

    public Task ReceiveFault(ReceiveContext context, Exception exception)
    {
        // What a consumer could not handle was told above.
        if (!context.IsDelivered)
            Tell("message", context, exception);
        return Task.CompletedTask;
    }

    public Task PreReceive(ReceiveContext context) => Task.CompletedTask;

    public Task PostReceive(ReceiveContext context) => Task.CompletedTask;

    public Task PostConsume<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType) where T : class => Task.CompletedTask;

    private void Tell(string message, ReceiveContext context, Exception exception)
    {
        var queue = Uri.UnescapeDataString(context.InputAddress.Segments[^1]);
        if (lines.MaySay($"{message} {queue}", out var since))
            NotHandled(log, message, queue, exception.GetBaseException().Message.TrimEnd('.'), RareLines.Meanwhile(since));
        Thrown(log, exception, message);
    }

    // The wire 3000-3099. Numbers are never reused.

    [LoggerMessage(3000, LogLevel.Error, "A {Message} from {Queue} could not be handled ({Reason}); it is kept in {Queue}_error for a week, and everything else goes on{Meanwhile}")]
    private static partial void NotHandled(ILogger logger, string message, string queue, string reason, string meanwhile);

    [LoggerMessage(3001, LogLevel.Debug, "A {Message} could not be handled")]
    private static partial void Thrown(ILogger logger, Exception exception, string message);
}
