using FedQueue.Contracts;

namespace FedQueue.System.Tests.Telemetry;

/// <summary>The trace of a round that five participants trained.</summary>
internal sealed class RoundSpans(OtlpReceiver receiver, string runId, int number)
{
    private static readonly string[] Participants = ["task_001", "task_005", "task_009", "task_010", "task_014"];

    private readonly string traceId = RoundIdentity.Of(runId, number).ToString("N");

    private List<Span> Trace => [.. receiver.Spans.Where(span => span.TraceId == traceId)];

    /// <summary>As many spans of each step as there must be: the round itself, two messages, five waits each way, five of each of the workers' steps.</summary>
    public bool AreComplete()
    {
        var trace = Trace;
        return (Count("round"), Count("publish"), Count("wait in queue"), Count("train"), Count("submit"), Count("aggregate")) == (1, 2, 10, 5, 5, 1);

        int Count(string name) => trace.Count(span => span.Name == name);
    }

    /// <summary>Every step is there, under the round, in its order, and MassTransit's spans hang under the step that caused them.</summary>
    public void Check(string aggregator, string worker)
    {
        var trace = Trace;
        var round = Assert.Single(trace, span => span.Name == "round");
        Assert.Equal(("", "FedQueue.Aggregator", aggregator), (round.ParentId, round.Scope, round.Service));
        Assert.Equal(($"{number}", "completed", "5"), (round.Tags["fedqueue.round"], round.Tags["fedqueue.outcome"], round.Tags["fedqueue.submissions"]));

        Assert.Equal(["RoundCompleted", "RoundStarted"], Steps("publish", aggregator).Select(span => span.Tags["fedqueue.message"]).Order(StringComparer.Ordinal));
        Assert.Equal(Participants, WhoIn(Steps("wait in queue", worker).Where(span => span.Tags["fedqueue.message"] == "RoundStarted")));
        Assert.Equal(Participants, WhoIn(Steps("train", worker)));
        Assert.Equal(Participants, WhoIn(Steps("submit", worker)));
        Assert.Equal(Participants, WhoIn(Steps("wait in queue", aggregator).Where(span => span.Tags["fedqueue.message"] == "WeightsSubmitted")));
        var aggregate = Assert.Single(Steps("aggregate", aggregator));

        var published = Assert.Single(Steps("publish", aggregator), span => span.Tags["fedqueue.message"] == "RoundStarted");
        var sent = Assert.Single(trace, span => span.Scope == "MassTransit" && span.ParentId == published.Id);
        Assert.Equal(5, trace.Count(span => span.ParentId == sent.Id && span.Service == worker));
        Assert.All(Steps("submit", worker), submit =>
        {
            var answer = Assert.Single(trace, span => span.Scope == "MassTransit" && span.ParentId == submit.Id);
            Assert.Single(trace, span => span.ParentId == answer.Id && span.Service == aggregator);
        });

        Assert.All(Participants, participant =>
        {
            var (wait, train, submit) = (First("wait in queue", participant), First("train", participant), First("submit", participant));
            Assert.True(round.Start <= wait.Start && wait.End <= train.Start && train.End <= submit.Start && submit.Start <= aggregate.End, $"{wait}\n{train}\n{submit}");
        });
        Assert.True(aggregate.End <= round.End, $"{aggregate}\n{round}");

        IEnumerable<Span> Steps(string name, string service)
        {
            var steps = trace.Where(span => span.Name == name).ToList();
            Assert.All(steps, span => Assert.Equal(round.Id, span.ParentId));
            return steps.Where(span => span.Service == service);
        }

        Span First(string name, string participant) =>
            trace.Where(span => span.Name == name && span.Tags["fedqueue.participant"] == participant).MinBy(span => span.Start)!;
    }

    private static IEnumerable<string> WhoIn(IEnumerable<Span> spans) => spans.Select(span => span.Tags["fedqueue.participant"]).Order(StringComparer.Ordinal);
}
