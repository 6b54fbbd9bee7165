using System.Runtime.CompilerServices;
using MassTransit.Logging;
using MassTransit.Monitoring;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace FedQueue.Contracts;

/// <summary>Traces, metrics and logs over OTLP, off unless an endpoint is set; docs/telemetry.md lists them.</summary>
public static class Telemetry
{
    /// <summary>FedQueue's sources and meters are named after their assemblies.</summary>
    private const string Ours = "FedQueue.*";

    private const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";
    private const string Setting = "FedQueue:Telemetry:Endpoint";

    /// <summary>
    /// Sends what FedQueue and MassTransit measure to the endpoint in <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> or else in
    /// <c>FedQueue:Telemetry:Endpoint</c>; the other <c>OTEL_*</c> settings are OpenTelemetry's own. Without an endpoint it does
    /// nothing, not even load OpenTelemetry. Call it first: what it registers is then stopped last.
    /// </summary>
    /// <param name="services">Of the program.</param>
    /// <param name="configuration">Of the program; OpenTelemetry reads the endpoint from it.</param>
    /// <param name="serviceName">Used unless <c>OTEL_SERVICE_NAME</c> is set.</param>
    /// <exception cref="StartupException">The endpoint is not an address.</exception>
    public static IServiceCollection AddFedQueueTelemetry(this IServiceCollection services, IConfiguration configuration, string serviceName)
    {
        var key = string.IsNullOrWhiteSpace(configuration[Endpoint]) ? Setting : Endpoint;
        var endpoint = configuration[key];
        if (string.IsNullOrWhiteSpace(endpoint) || configuration.GetValue<bool>("OTEL_SDK_DISABLED"))
            return services;
        if (!Uri.TryCreate(endpoint, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
            throw new StartupException($"{key} is '{endpoint}'; set it to the address of an OTLP receiver, such as http://localhost:4317.");

        configuration[Endpoint] = endpoint;
        Export(services, serviceName);
        return services;
    }

    /// <summary>The environment's settings of telemetry, for a program that takes no others from it.</summary>
    public static IConfigurationBuilder AddTelemetrySettings(this IConfigurationBuilder configuration) =>
        configuration.AddInMemoryCollection(new ConfigurationBuilder().AddEnvironmentVariables().Build().AsEnumerable().Where(setting =>
            setting.Key.StartsWith("OTEL_", StringComparison.OrdinalIgnoreCase)
            || setting.Key.StartsWith("FedQueue:Telemetry:", StringComparison.OrdinalIgnoreCase)));

    /// <summary>A method of its own, because the runtime loads the libraries that a method names when it first calls it.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Export(IServiceCollection services, string serviceName) => services.AddOpenTelemetry()
        .ConfigureResource(resource => resource
            .AddService(serviceName, serviceVersion: typeof(Telemetry).Assembly.GetName().Version?.ToString(3))
            // Once more, so that what the operator has set wins.
            .AddEnvironmentVariableDetector())
        .WithTracing(traces => traces.AddSource(Ours, DiagnosticHeaders.DefaultListenerName))
        .WithMetrics(metrics => metrics.AddMeter(Ours, InstrumentationOptions.MeterName))
        .WithLogging(configureBuilder: null, logs => logs.IncludeFormattedMessage = true)
        .UseOtlpExporter();
}
