using System.Diagnostics;
using System.Diagnostics.Metrics;
using FedQueue.Aggregator.Storage;
using FedQueue.Contracts;

namespace FedQueue.Aggregator.Rounds;

/// <summary>What the aggregator measures. No tag is a participant or a run: every value of a tag is a time series of its own.</summary>
internal sealed class RoundMetrics
{
    public static readonly ActivitySource Source = new(Name);

    private const string Name = "FedQueue.Aggregator";

    private readonly Counter<long> rounds;
    private readonly Counter<long> submissions;
    private readonly Counter<long> stalls;
    private readonly Histogram<double> aggregation;
    private readonly ObservableGauge<int> participants;
    private readonly ObservableGauge<int> backlog;
    private Counts? newest;

    public RoundMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(Name);
        QueueWait = new QueueWait(meter, Source);
        rounds = meter.CreateCounter<long>("fedqueue.rounds", "{round}", "Rounds that ended, the evaluating one included.");
        submissions = meter.CreateCounter<long>("fedqueue.submissions", "{submission}", "Answers of participants.");
        stalls = meter.CreateCounter<long>("fedqueue.stalls", "{stall}", "Waits of a run that nobody works on, for ten seconds and longer.");
        aggregation = meter.CreateHistogram(
            "fedqueue.aggregation.duration", "s", "Time to average the submissions of a round.", tags: null, advice: Durations.OfMessages);
        participants = meter.CreateObservableGauge("fedqueue.participants", Participants, "{participant}", "Participants that were ever claimed.");
        backlog = meter.CreateObservableGauge("fedqueue.outbox.backlog", Backlog, "{message}", "Messages that are committed and not yet published.");
    }

    public QueueWait QueueWait { get; }

    /// <summary>Somebody collects what <see cref="Counted"/> is told.</summary>
    public bool WantsCounts => participants.Enabled || backlog.Enabled;

    public void Counted(int present, int claimed, int free, int backlog) => newest = new(present, claimed, free, backlog);

    /// <summary>
    /// Counts what a committed transaction has added to the history: what was rolled back, and will be tried again, did not happen.
    /// </summary>
    public void Noted(EventRow note, FedQueueDbContext db)
    {
        switch (note.Kind)
        {
            case EventKind.RoundCompleted or EventKind.RoundFailed:
                var outcome = note.Kind == EventKind.RoundCompleted ? "completed" : "failed";
                rounds.Add(1, new KeyValuePair<string, object?>("outcome", outcome));
                if (Source.HasListeners() && db.Rounds.Local.FirstOrDefault(r => r.RunId == note.RunId && r.Round == note.Round) is { } round)
                    TraceWhole(round, outcome, db.Now);
                break;
            case var kind when note.Participant is not null && VerdictOf(kind) is { } verdict:
                submissions.Add(1, new KeyValuePair<string, object?>("verdict", verdict));
                break;
        }
    }

    public void Stalled(StallReason reason) => stalls.Add(1, new KeyValuePair<string, object?>("reason", NameOf(reason)));

    /// <summary>Begins to measure an aggregation.</summary>
    /// <returns>Ends it when it is disposed.</returns>
    public IDisposable Aggregation(Guid roundId, string rule, int submissions)
    {
        var span = Source.StartStep("aggregate", roundId)?.SetTag("fedqueue.rule", rule).SetTag("fedqueue.submissions", submissions);
        return new Timing(aggregation, span, rule);
    }

    // Until the commit, not until ClosedAt, which is before the average.
    private static void TraceWhole(RoundState round, string outcome, DateTimeOffset committed) =>
        Source.TraceWhole(round.CorrelationId, round.OpenedAt, committed, whole => whole
            .SetTag("fedqueue.run", round.RunId)
            .SetTag("fedqueue.round", round.Round)
            .SetTag("fedqueue.outcome", outcome)
            .SetTag("fedqueue.submissions", round.Submitted.Count)
            .SetStatus(outcome == "failed" ? ActivityStatusCode.Error : ActivityStatusCode.Unset));

    private static string? VerdictOf(string kind) => kind switch
    {
        EventKind.Submitted or EventKind.Evaluated => "accepted",
        EventKind.Duplicate => "duplicate",
        EventKind.Late => "late",
        EventKind.Quarantined => "quarantined",
        EventKind.Unknown => "unknown",
        _ => null,
    };

    private static string NameOf(StallReason reason) => reason switch
    {
        StallReason.Participants => "participants",
        StallReason.Worker => "worker",
        StallReason.Broker => "broker",
        _ => throw new ArgumentOutOfRangeException(nameof(reason), reason, "The metric has no name for it."),
    };

    private IEnumerable<Measurement<int>> Participants() => newest is not { } counts ? [] :
    [
        new(counts.Present, new KeyValuePair<string, object?>("state", "present")),
        new(counts.Claimed, new KeyValuePair<string, object?>("state", "claimed")),
        new(counts.Free, new KeyValuePair<string, object?>("state", "free")),
    ];

    private IEnumerable<Measurement<int>> Backlog() => newest is not { } counts ? [] : [new(counts.Backlog)];

    private sealed record Counts(int Present, int Claimed, int Free, int Backlog);

    private sealed class Timing(Histogram<double> duration, Activity? span, string rule) : IDisposable
    {
        private readonly long started = Stopwatch.GetTimestamp();

        public void Dispose()
        {
            duration.Record(Stopwatch.GetElapsedTime(started).TotalSeconds, new KeyValuePair<string, object?>("rule", rule));
            span?.Dispose();
        }
    }
}
