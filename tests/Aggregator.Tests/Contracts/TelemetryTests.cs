using FedQueue.Contracts;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace FedQueue.Aggregator.Tests.Contracts;

public sealed class TelemetryTests
{
    [Theory]
    [InlineData]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT", "")]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT", "http://localhost:4317", "OTEL_SDK_DISABLED", "true")]
    public void Nothing_is_registered_unless_an_endpoint_is_set(params string[] settings) => Assert.Empty(Registered(settings));

    [Theory]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT", "http://localhost:4317")]
    [InlineData("FedQueue:Telemetry:Endpoint", "https://collector.example")]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT", " ", "FedQueue:Telemetry:Endpoint", "http://collector:4318/")]
    public void One_of_the_two_endpoints_switches_it_on(params string[] settings) => Assert.NotEmpty(Registered(settings));

    [Theory]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT", "localhost:4317")]
    [InlineData("FedQueue:Telemetry:Endpoint", "collector")]
    public void An_endpoint_that_is_no_address_is_named_with_its_setting(string setting, string value)
    {
        var refused = Assert.Throws<StartupException>(() => Registered(setting, value));

        Assert.StartsWith($"{setting} is '{value}'; set it to the address", refused.Message, StringComparison.Ordinal);
    }

    private static ServiceCollection Registered(params string[] settings)
    {
        var services = new ServiceCollection();
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Chunk(2).Select(pair => KeyValuePair.Create(pair[0], (string?)pair[1]))).Build();
        services.AddFedQueueTelemetry(configuration, "test");
        return services;
    }
}
