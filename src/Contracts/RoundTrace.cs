using System.Diagnostics;

namespace FedQueue.Contracts;

/// <summary>
/// The trace of a round, which every process knows without being told: its id is the round's id without hyphens, and the span of
/// the whole round, parent of all others, has the first half of it.
/// </summary>
public static class RoundTrace
{
    /// <summary>The span of the whole round.</summary>
    public static ActivityContext Of(Guid roundId)
    {
        var digits = roundId.ToString("N").AsSpan();
        return new(ActivityTraceId.CreateFromString(digits), SpanOf(digits), ActivityTraceFlags.Recorded, isRemote: true);
    }

    /// <returns>The trace that the sending of a message belongs to; null when it is not part of a round.</returns>
    public static Guid? RoundOf(object message) => message switch
    {
        RoundStarted round => round.RoundId,
        WeightsSubmitted submission => submission.RoundId,
        ModelEvaluated evaluation => evaluation.RoundId,
        TrainingFailed failure => failure.RoundId,
        CloseRound command => command.RoundId,
        RoundCompleted completed => completed.RoundId,
        RoundFailed failed => failed.RoundId,

        // StartRound is there before its round is.
        _ => null,
    };

    /// <summary>Begins a step of a round.</summary>
    /// <returns>Ends the step when it is disposed; null when nobody listens.</returns>
    public static Activity? StartStep(this ActivitySource source, string name, Guid roundId, DateTimeOffset start = default) =>
        source.HasListeners() ? source.StartActivity(name, ActivityKind.Internal, Of(roundId), startTime: start) : null;

    /// <summary>Writes the span of a whole round once it is over: so it needs nobody who lives as long as the round.</summary>
    public static void TraceWhole(
        this ActivitySource source, Guid roundId, DateTimeOffset start, DateTimeOffset end, Action<Activity> describe)
    {
        var (current, round) = (Activity.Current, Of(roundId));

        // With a current activity, that would be the parent.
        Activity.Current = null;
        var trace = new ActivityContext(round.TraceId, default, round.TraceFlags);
        if (source.StartActivity("round", ActivityKind.Internal, trace, startTime: start) is { } whole)
        {
            SpanIdentity.Set(whole, round.SpanId);
            describe(whole);
            whole.SetEndTime(end.UtcDateTime).Stop();
        }

        Activity.Current = current;
    }

    private static ActivitySpanId SpanOf(ReadOnlySpan<char> digits) => ActivitySpanId.CreateFromString(digits[..16]);
}
