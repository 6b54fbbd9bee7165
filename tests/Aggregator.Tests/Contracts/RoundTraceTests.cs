using System.Diagnostics;
using FedQueue.Contracts;

namespace FedQueue.Aggregator.Tests.Contracts;

public sealed class RoundTraceTests
{
    private static readonly Guid Round = RoundIdentity.Of("run", 1);

    [Fact]
    public void The_whole_round_is_the_root_of_the_trace_that_has_its_id_and_the_parent_of_its_steps_whatever_else_is_current()
    {
        using var source = new ActivitySource("test");
        var ended = new List<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = s => s == source,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = ended.Add,
        };
        ActivitySource.AddActivityListener(listener);
        var start = DateTimeOffset.UtcNow.AddMinutes(-1);

        using var other = source.StartActivity("other");
        source.StartStep("train", Round)!.Dispose();
        source.TraceWhole(Round, start, start.AddSeconds(30), whole => whole.SetTag("fedqueue.round", 1));

        Assert.Same(other, Activity.Current);
        var (step, round) = (ended[0], ended[1]);
        Assert.Equal(Round.ToString("N"), round.TraceId.ToHexString());
        Assert.Equal(default, round.ParentSpanId);
        Assert.Equal((start.UtcDateTime, TimeSpan.FromSeconds(30)), (round.StartTimeUtc, round.Duration));
        Assert.Equal((round.TraceId, round.SpanId), (step.TraceId, step.ParentSpanId));
        Assert.True(round.Recorded);
    }

    [Fact]
    public void Without_a_listener_there_is_no_span()
    {
        using var source = new ActivitySource("unheard");

        Assert.Null(source.StartStep("train", Round));
    }
}
