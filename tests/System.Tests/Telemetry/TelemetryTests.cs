using FedQueue.Contracts;
using FedQueue.System.Tests.OneProcess;

namespace FedQueue.System.Tests.Telemetry;

/// <summary>What a program sends over OTLP, as a receiver of the test's own gets it.</summary>
public sealed class TelemetryTests
{
    private static readonly string[] Participants = ["task_001", "task_005", "task_009", "task_010", "task_014"];

    [Fact]
    public async Task One_trace_holds_a_whole_round_from_its_publishing_to_its_average_across_aggregator_and_workers()
    {
        using var receiver = new OtlpReceiver();
        var result = await Simulate.Json(receiver.Environment, "--seed", "7", "--rounds", "1", "--epochs", "5");
        var roundId = RoundIdentity.Of(result.GetProperty("run").GetString()!, 1);

        var trace = receiver.Spans.Where(span => span.TraceId == roundId.ToString("N")).ToList();

        var round = Assert.Single(trace, span => span.Name == "round");
        Assert.Equal("", round.ParentId);
        Assert.Equal(("FedQueue.Aggregator", "fedqueue-simulate"), (round.Scope, round.Service));
        Assert.Equal(("1", "completed", "5"), (round.Tags["fedqueue.round"], round.Tags["fedqueue.outcome"], round.Tags["fedqueue.submissions"]));

        // Two of each message that everybody gets or gives: the wait for the round and the wait of the submission.
        Assert.Equal(["RoundCompleted", "RoundStarted"], OfRound("publish").Select(span => span.Tags["fedqueue.message"]).Order(StringComparer.Ordinal));
        Assert.Equal(Participants, ByParticipant("wait in queue", "RoundStarted"));
        Assert.Equal(Participants, ByParticipant("wait in queue", "WeightsSubmitted"));
        Assert.Equal(Participants, ByParticipant("train"));
        Assert.Equal(Participants, ByParticipant("submit"));
        Assert.Single(OfRound("aggregate"));

        // MassTransit's own spans hang under the step that caused them, also on the other side of the queue.
        var sent = Assert.Single(trace, span => span.Scope == "MassTransit" && span.ParentId == OfRound("publish").Single(p => p.Tags["fedqueue.message"] == "RoundStarted").Id);
        Assert.Equal(5, trace.Count(span => span.ParentId == sent.Id));
        Assert.All(OfRound("submit"), submit => Assert.Contains(trace, span => span.Scope == "MassTransit" && span.ParentId == submit.Id));

        // The steps of a participant follow each other, and none ends after the round but what tells of its end.
        Assert.All(Participants, participant =>
        {
            var (wait, train, submit) = (Of(participant, "wait in queue"), Of(participant, "train"), Of(participant, "submit"));
            Assert.True(round.Start <= wait.Start && wait.End <= train.Start && train.End <= submit.Start, $"{wait}\n{train}\n{submit}");
        });
        Assert.InRange(OfRound("aggregate").Single().End, round.Start, round.End + 1_000_000_000);

        List<Span> OfRound(string name)
        {
            var found = trace.Where(span => span.Name == name).ToList();
            Assert.All(found, span => Assert.Equal(round.Id, span.ParentId));
            return found;
        }

        IEnumerable<string> ByParticipant(string name, string? message = null) => OfRound(name)
            .Where(span => message is null || span.Tags["fedqueue.message"] == message)
            .Select(span => span.Tags["fedqueue.participant"]).Order(StringComparer.Ordinal);

        Span Of(string participant, string name) => trace
            .Where(span => span.Name == name && span.Tags["fedqueue.participant"] == participant).MinBy(span => span.Start)!;
    }

    [Fact]
    public async Task Metrics_arrive_with_unit_and_bounded_tags()
    {
        using var receiver = new OtlpReceiver();
        await Simulate.Json(receiver.Environment, "--seed", "7", "--rounds", "2", "--epochs", "5");

        Assert.Equal(3, Value("fedqueue.rounds", "{round}", ("outcome", "completed")));
        Assert.Equal(15, Value("fedqueue.submissions", "{submission}", ("verdict", "accepted")));
        Assert.Equal(15, Value("fedqueue.queue.wait", "s", ("message", "RoundStarted")));
        Assert.Equal(10, Value("fedqueue.queue.wait", "s", ("message", "WeightsSubmitted")));
        Assert.Equal(10, Value("fedqueue.training.duration", "s", ("engine", "simd")));
        Assert.Equal(2, Value("fedqueue.aggregation.duration", "s", ("rule", "fedavg")));
        Assert.True(Value("fedqueue.training.samples", "{sample}", ("engine", "simd")) > 0);
        Assert.Contains(receiver.Metrics, metric => metric.Scope == "MassTransit");

        var ours = receiver.Metrics.Where(metric => metric.Name.StartsWith("fedqueue.", StringComparison.Ordinal));
        Assert.All(ours.SelectMany(metric => metric.Tags.Values), value => Assert.DoesNotContain(value, Participants));

        // The last export has the totals.
        double Value(string name, string unit, (string Key, string Value) tag) => receiver.Metrics
            .Last(metric => metric.Name == name && metric.Unit == unit && metric.Tags.GetValueOrDefault(tag.Key) == tag.Value).Value;
    }

    [Fact]
    public async Task The_bits_are_the_same_with_and_without()
    {
        using var receiver = new OtlpReceiver();

        var result = await Simulate.Json(receiver.Environment, Simulate.SmallJob);

        Assert.Equal(await Simulate.Sha256OfSmallJob(), result.GetProperty("weightsSha256").GetString());
        Assert.NotEmpty(receiver.Spans);
    }
}
