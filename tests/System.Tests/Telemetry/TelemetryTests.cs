using FedQueue.System.Tests.OneProcess;

namespace FedQueue.System.Tests.Telemetry;

/// <summary>What a program sends over OTLP, as a receiver of the test's own gets it.</summary>
public sealed class TelemetryTests
{
    [Fact]
    public async Task One_trace_holds_a_whole_round_from_its_publishing_to_its_average_across_aggregator_and_workers()
    {
        using var receiver = new OtlpReceiver();
        var result = await Simulate.Json(receiver.Environment, "--seed", "7", "--rounds", "1", "--epochs", "5");

        var round = new RoundSpans(receiver, result.GetProperty("run").GetString()!, 1);
        Assert.True(round.AreComplete(), string.Join('\n', receiver.Spans));
        round.Check(aggregator: "fedqueue-simulate", worker: "fedqueue-simulate");
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
        Assert.All(ours.SelectMany(metric => metric.Tags.Values), value => Assert.DoesNotContain("task_", value, StringComparison.Ordinal));

        // The last export has the totals.
        double Value(string name, string unit, (string Key, string Value) tag) => receiver.Metrics
            .Last(metric => metric.Name == name && metric.Unit == unit && metric.Tags.GetValueOrDefault(tag.Key) == tag.Value).Value;
    }

    [Fact]
    public async Task A_round_that_fails_is_a_trace_too_and_its_log_arrives_beside_the_console()
    {
        using var receiver = new OtlpReceiver();
        using var output = new TemporaryFolder();
        var environment = receiver.Environment;
        environment.Remove("OTEL_EXPORTER_OTLP_ENDPOINT");
        environment["FedQueue__Telemetry__Endpoint"] = receiver.Endpoint;

        await using var program = RunningProgram.Start("dotnet", environment,
            [Repository.CommandLine, "simulate", "--data", Repository.Data, "--out", output.Path, "--rounds", "1", "--epochs", "10000", "--deadline", "1s"]);
        Assert.Equal(1, await program.Exit());

        Assert.Contains(receiver.Logs, line => line.Text.Contains("failed: Round 1 had 0 of at least 5 submissions at its deadline", StringComparison.Ordinal));
        Assert.All(receiver.Logs, line => Assert.Contains(line.Text.ReplaceLineEndings(" "), program.Error, StringComparison.Ordinal));
        var round = Assert.Single(receiver.Spans, span => span.Name == "round");
        Assert.Equal("failed", round.Tags["fedqueue.outcome"]);
        Assert.All(receiver.Logs, line => Assert.Contains(receiver.Spans, span => span.TraceId == line.TraceId));
    }

    [Fact]
    public async Task An_endpoint_that_is_no_address_ends_the_start_with_a_sentence()
    {
        using var output = new TemporaryFolder();
        await using var program = RunningProgram.Start("dotnet", new Dictionary<string, string> { ["FedQueue__Telemetry__Endpoint"] = "collector:4317" },
            [Repository.CommandLine, "simulate", "--data", Repository.Data, "--out", output.Path]);

        Assert.Equal(2, await program.Exit());
        Assert.Contains("FedQueue:Telemetry:Endpoint is 'collector:4317'; set it to the address of an OTLP receiver", program.Error, StringComparison.Ordinal);
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
