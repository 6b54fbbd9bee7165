using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using MassTransit;

namespace FedQueue.Contracts;

/// <summary>How long messages of rounds are on the queue, as a metric and as a span.</summary>
public sealed class QueueWait(Meter meter, ActivitySource source)
{
    /// <summary>When a message was sent, for bodies that do not say it.</summary>
    internal const string SentHeader = "fedqueue-sent";

    private readonly Histogram<double> wait = meter.CreateHistogram(
        "fedqueue.queue.wait", unit: "s", description: "Time from sending a message to its consumption.", tags: null, advice: Durations.OfMessages);

    /// <summary>To be called as soon as the message is there. One whose sender did not say when it was sent is left out.</summary>
    public void Record(ConsumeContext context, object message, string participant)
    {
        if ((!wait.Enabled && !source.HasListeners()) || RoundTrace.RoundOf(message) is not { } roundId || SentAt(context) is not { } sent)
            return;

        // The sender's clock may be ahead of ours.
        var elapsed = DateTimeOffset.UtcNow - sent;
        wait.Record(Math.Max(0, elapsed.TotalSeconds), new KeyValuePair<string, object?>("message", message.GetType().Name));

        using var span = source.StartStep("wait in queue", roundId, elapsed < TimeSpan.Zero ? default : sent);
        span?.SetTag("fedqueue.message", message.GetType().Name).SetTag("fedqueue.participant", participant);
    }

    internal static void Stamp(SendContext context) =>
        context.Headers.Set(SentHeader, DateTimeOffset.UtcNow.ToString("O", CultureInfo.InvariantCulture));

    private static DateTimeOffset? SentAt(ConsumeContext context)
    {
        if (context.ReceiveContext.TransportHeaders.Get<string>(SentHeader) is { } stamp)
            return DateTimeOffset.TryParse(stamp, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) ? at : null;

        // Of a body without an envelope MassTransit would guess it from the message's id, which is random.
        return context.ReceiveContext.ContentType?.MediaType == WeightsSerializer.MediaType || context.SentTime is not { } sent
            ? null
            : new DateTimeOffset(DateTime.SpecifyKind(sent, DateTimeKind.Utc));
    }
}
