using System.Diagnostics;
using System.Diagnostics.Metrics;
using FedQueue.Contracts;
using FedQueue.Worker.Training;
using Microsoft.Extensions.DependencyInjection;

namespace FedQueue.Worker.Tests.Training;

public sealed class TrainingMetricsTests
{
    [Fact]
    public void A_training_is_measured_in_seconds_and_samples_under_its_engine_and_nothing_else()
    {
        using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var meters = services.GetRequiredService<IMeterFactory>();
        var measured = new List<string>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, meter) =>
        {
            if (instrument.Meter.Scope == meters)
                meter.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => measured.Add($"{instrument.Name} {value} {instrument.Unit} {Text(tags)}"));
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => measured.Add($"{instrument.Name} {value} {instrument.Unit} {Text(tags)}"));
        listener.Start();

        new TrainingMetrics(meters).Trained(Engine.Simd, TimeSpan.FromSeconds(2), samplesSeen: 300);

        Assert.Equal(["fedqueue.training.duration 2 s engine=simd", "fedqueue.training.samples 300 {sample} engine=simd"], measured);

        static string Text(ReadOnlySpan<KeyValuePair<string, object?>> tags) => string.Join(", ", tags.ToArray().Select(tag => $"{tag.Key}={tag.Value}"));
    }

    [Fact]
    public void What_is_sent_untraced_has_a_parent_that_is_not_recorded()
    {
        Assert.Null(TrainingMetrics.Untraced());

        using var training = new Activity("train").Start();
        using (var untraced = TrainingMetrics.Untraced())
            Assert.Equal((training.TraceId, ActivityTraceFlags.None), (untraced!.TraceId, untraced.ActivityTraceFlags));
        Assert.Same(training, Activity.Current);
    }
}
