using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;

namespace FedQueue.Aggregator.Tests;

/// <summary>What the metrics of one program say, under <c>name</c> or <c>name tag</c>: counters their sum, histograms the number of their values, gauges the last value.</summary>
internal sealed class Measured : IDisposable
{
    private readonly MeterListener listener = new();
    private readonly ConcurrentDictionary<string, double> values = new();

    public Measured(IServiceProvider services)
    {
        var meters = services.GetRequiredService<IMeterFactory>();
        listener.InstrumentPublished = (instrument, meter) =>
        {
            if (instrument.Meter.Scope == meters)
                meter.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
        listener.SetMeasurementEventCallback<double>((instrument, _, tags, _) => Add(instrument, 1, tags));
        listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => values[Key(instrument, tags)] = value);
        listener.Start();
    }

    public double this[string key]
    {
        get
        {
            listener.RecordObservableInstruments();
            return values.GetValueOrDefault(key);
        }
    }

    public IEnumerable<string> Keys => values.Keys;

    public void Dispose() => listener.Dispose();

    private void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags) =>
        values.AddOrUpdate(Key(instrument, tags), value, (_, sum) => sum + value);

    private static string Key(Instrument instrument, ReadOnlySpan<KeyValuePair<string, object?>> tags) =>
        tags.Length == 0 ? instrument.Name : $"{instrument.Name} {tags[0].Value}";
}
