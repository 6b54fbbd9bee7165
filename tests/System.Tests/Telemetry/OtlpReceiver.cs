using System.Collections.Concurrent;
using System.Net;

namespace FedQueue.System.Tests.Telemetry;

/// <summary>Takes OTLP over HTTP (protobuf), and keeps it. Field numbers are those of opentelemetry-proto 1.x.</summary>
internal sealed class OtlpReceiver : IDisposable
{
    private readonly HttpListener listener = new();
    private readonly ConcurrentQueue<Span> spans = new();
    private readonly ConcurrentQueue<Metric> metrics = new();
    private readonly ConcurrentQueue<LogLine> logs = new();

    public OtlpReceiver()
    {
        Endpoint = $"http://127.0.0.1:{Network.FreePort()}/";
        listener.Prefixes.Add(Endpoint);
        listener.Start();
        _ = Serve();
    }

    public string Endpoint { get; }

    public IReadOnlyList<Span> Spans => [.. spans];

    public IReadOnlyList<Metric> Metrics => [.. metrics];

    public IReadOnlyList<LogLine> Logs => [.. logs];

    /// <summary>For a program that sends here.</summary>
    public Dictionary<string, string> Environment => new()
    {
        ["OTEL_EXPORTER_OTLP_ENDPOINT"] = Endpoint,
        ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
    };

    public void Dispose() => listener.Close();

    private async Task Serve()
    {
        while (listener.IsListening)
        {
            HttpListenerContext context;
            try
            {
                context = await listener.GetContextAsync();
            }
            catch (Exception exception) when (exception is HttpListenerException or ObjectDisposedException)
            {
                return;
            }

            using var body = new MemoryStream();
            await context.Request.InputStream.CopyToAsync(body);
            Keep(context.Request.Url!.AbsolutePath, new ProtobufMessage(body.ToArray()));
            context.Response.ContentType = "application/x-protobuf";
            context.Response.Close();
        }
    }

    private void Keep(string path, ProtobufMessage request)
    {
        // Request: resources (1); each: resource (1), scopes (2); each: scope (1) with name (1), items (2).
        foreach (var resource in request.Messages(1))
        foreach (var scope in resource.Messages(2))
        foreach (var item in scope.Messages(2))
        {
            var service = Tags(resource.Message(1), 1).GetValueOrDefault("service.name", "");
            switch (path)
            {
                case "/v1/traces":
                    spans.Enqueue(Span.Of(item, service, scope.Message(1).Text(1)));
                    break;
                case "/v1/metrics":
                    foreach (var metric in Metric.Of(item, scope.Message(1).Text(1)))
                        metrics.Enqueue(metric);
                    break;
                case "/v1/logs":
                    logs.Enqueue(new LogLine(item.Message(5).Text(1), item.Hex(9), service));
                    break;
            }
        }
    }

    internal static IReadOnlyDictionary<string, string> Tags(ProtobufMessage message, int field) =>
        message.Messages(field).ToDictionary(tag => tag.Text(1), tag => tag.Message(2).Has(1) ? tag.Message(2).Text(1) : $"{tag.Message(2).Number(3)}");
}

internal sealed record Span(
    string TraceId, string Id, string ParentId, string Name, string Service, string Scope, ulong Start, ulong End, IReadOnlyDictionary<string, string> Tags)
{
    public static Span Of(ProtobufMessage span, string service, string scope) => new(
        span.Hex(1), span.Hex(2), span.Hex(4), span.Text(5), service, scope, span.Number(7), span.Number(8), OtlpReceiver.Tags(span, 9));
}

/// <summary>One series of a metric; the value of a histogram is the number of its measurements.</summary>
internal sealed record Metric(string Name, string Unit, string Scope, double Value, IReadOnlyDictionary<string, string> Tags)
{
    public static IEnumerable<Metric> Of(ProtobufMessage metric, string scope)
    {
        // Gauge (5) and sum (7): a double (4) or an integer (6), tags (7). Histogram (9): a count (4), tags (9).
        foreach (var point in metric.Message(5).Messages(1).Concat(metric.Message(7).Messages(1)))
            yield return new(metric.Text(1), metric.Text(3), scope, point.Has(4) ? point.Double(4) : point.Number(6), OtlpReceiver.Tags(point, 7));
        foreach (var point in metric.Message(9).Messages(1))
            yield return new(metric.Text(1), metric.Text(3), scope, point.Number(4), OtlpReceiver.Tags(point, 9));
    }
}

internal sealed record LogLine(string Text, string TraceId, string Service);
