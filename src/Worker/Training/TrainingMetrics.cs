using System.Diagnostics;
using System.Diagnostics.Metrics;
using FedQueue.Contracts;
using MassTransit;
using MassTransit.Logging;

namespace FedQueue.Worker.Training;

/// <summary>What a worker measures. No tag of a metric is a participant or a run: every value of a tag is a time series of its own.</summary>
internal sealed class TrainingMetrics
{
    private const string Name = "FedQueue.Worker";

    private static readonly ActivitySource Source = new(Name);

    private readonly Histogram<double> duration;
    private readonly Counter<long> samples;

    public TrainingMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(Name);
        QueueWait = new QueueWait(meter, Source);
        duration = meter.CreateHistogram(
            "fedqueue.training.duration", "s", "Time that one participant trained in one round.", tags: null, advice: Durations.OfTraining);
        samples = meter.CreateCounter<long>("fedqueue.training.samples", "{sample}", "Windows trained on, once for each epoch.");
    }

    public QueueWait QueueWait { get; }

    /// <summary>Begins a step of a participant's work on a round.</summary>
    /// <returns>Ends the step when it is disposed; null when nobody listens.</returns>
    public static Activity? Step(string name, RoundStarted round, string participant) => Source.StartStep(name, round.RoundId)?
        .SetTag("fedqueue.run", round.RunId)
        .SetTag("fedqueue.round", round.Round)
        .SetTag("fedqueue.participant", participant);

    /// <summary>
    /// For messages that are not worth a span, such as four a second of every participant's progress: what is sent until it is
    /// disposed is in no trace, here nor at the receivers.
    /// </summary>
    public static Activity? Untraced()
    {
        if (Activity.Current is not { } current)
            return null;
        return new Activity("untraced").SetParentId(current.TraceId, current.SpanId, ActivityTraceFlags.None).Start();
    }

    /// <summary>MassTransit names no parent to the receivers when it has made no span; they would begin a trace of their own.</summary>
    public static void Mark(SendContext message, Activity? untraced)
    {
        if (untraced is not null)
            message.Headers.Set(DiagnosticHeaders.ActivityId, untraced.Id);
    }

    public void Trained(string engine, TimeSpan elapsed, long samplesSeen)
    {
        var tag = new KeyValuePair<string, object?>("engine", engine);
        duration.Record(elapsed.TotalSeconds, tag);
        samples.Add(samplesSeen, tag);
    }
}
