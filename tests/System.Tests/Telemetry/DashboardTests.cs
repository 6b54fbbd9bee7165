using System.Diagnostics.Metrics;
using System.Text.Json;
using System.Text.RegularExpressions;
using FedQueue.Aggregator.Rounds;
using FedQueue.Worker.Training;
using Microsoft.Extensions.DependencyInjection;

namespace FedQueue.System.Tests.Telemetry;

/// <summary>What compose.telemetry.yaml brings up, as far as it can be checked without its image.</summary>
public sealed partial class DashboardTests
{
    private static readonly string Folder = Path.Combine(Repository.Root, "eng", "telemetry");

    [Fact]
    public void Every_metric_that_the_dashboard_shows_is_declared_by_the_code_and_every_declared_one_is_shown()
    {
        var declared = Instruments().ToDictionary(PrometheusName, instrument => instrument);

        var shown = Queries().SelectMany(query => MetricName().Matches(query)).Select(match => match.Value).Distinct().ToList();

        Assert.NotEmpty(shown);
        Assert.All(shown, name => Assert.True(declared.ContainsKey(SeriesOfHistogram().Replace(name, "")), $"{name} is not among {string.Join(", ", declared.Keys)}"));
        Assert.All(declared.Keys, name => Assert.Contains(shown, query => SeriesOfHistogram().Replace(query, "") == name));
    }

    [Fact]
    public void Every_declared_metric_is_documented_with_its_unit()
    {
        var documentation = File.ReadAllText(Path.Combine(Repository.Root, "docs", "telemetry.md"));

        Assert.All(Instruments(), instrument => Assert.Matches($@"\| `{Regex.Escape(instrument.Name)}` \| `{Regex.Escape(instrument.Unit!)}` \|", documentation));
    }

    [Fact]
    public void What_the_compose_file_mounts_is_there_and_the_provider_reads_where_the_dashboard_is()
    {
        var compose = File.ReadAllText(Path.Combine(Repository.Root, "compose.telemetry.yaml"));
        var mounts = Mount().Matches(compose).ToDictionary(mount => mount.Groups["inside"].Value, mount => Path.Combine(Repository.Root, mount.Groups["outside"].Value));

        Assert.Equal(2, mounts.Count);
        Assert.All(mounts.Values, path => Assert.True(Path.Exists(path), path));
        var home = Regex.Match(compose, @"HOME_DASHBOARD_PATH: (?<folder>\S+)/(?<file>[^/\s]+)");
        Assert.True(File.Exists(Path.Combine(mounts[home.Groups["folder"].Value], home.Groups["file"].Value)));
        Assert.Contains($"path: {home.Groups["folder"].Value}\n", File.ReadAllText(Path.Combine(Folder, "provider.yaml")), StringComparison.Ordinal);
    }

    [DockerFact]
    public async Task Docker_accepts_the_override_and_gives_both_services_the_endpoint()
    {
        await using var program = RunningProgram.Start("docker", null,
            ["compose", "-f", Path.Combine(Repository.Root, "compose.yaml"), "-f", Path.Combine(Repository.Root, "compose.telemetry.yaml"), "config", "--format", "json"]);
        Assert.Equal(0, await program.Exit());

        using var config = JsonDocument.Parse(program.Output);
        var services = config.RootElement.GetProperty("services");
        Assert.Matches("^grafana/otel-lgtm:[0-9.]+$", services.GetProperty("telemetry").GetProperty("image").GetString());
        Assert.All(["aggregator", "worker"], service =>
        {
            var environment = services.GetProperty(service).GetProperty("environment");
            Assert.Equal("http://telemetry:4318", environment.GetProperty("OTEL_EXPORTER_OTLP_ENDPOINT").GetString());
            Assert.Equal("RabbitMq", environment.GetProperty("FedQueue__Transport").GetString());
        });
    }

    private static List<Instrument> Instruments()
    {
        using var services = new ServiceCollection().AddMetrics().AddSingleton<RoundMetrics>().AddSingleton<TrainingMetrics>().BuildServiceProvider();
        var meters = services.GetRequiredService<IMeterFactory>();
        var found = new Dictionary<string, Instrument>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, _) =>
        {
            if (instrument.Meter.Scope == meters)
                found[instrument.Name] = instrument;
        };
        listener.Start();
        services.GetRequiredService<RoundMetrics>();
        services.GetRequiredService<TrainingMetrics>();
        return [.. found.Values];
    }

    /// <summary>What Prometheus makes of the name and the unit.</summary>
    private static string PrometheusName(Instrument instrument)
    {
        var name = instrument.Name.Replace('.', '_') + (instrument.Unit == "s" ? "_seconds" : "");
        return instrument is Counter<long> ? $"{name}_total" : name;
    }

    private static IEnumerable<string> Queries()
    {
        using var dashboard = JsonDocument.Parse(File.ReadAllText(Path.Combine(Folder, "dashboards", "fedqueue.json")));
        return [.. dashboard.RootElement.GetProperty("panels").EnumerateArray()
            .Where(panel => panel.GetProperty("datasource").GetProperty("type").GetString() == "prometheus")
            .SelectMany(panel => panel.GetProperty("targets").EnumerateArray())
            .Select(target => target.GetProperty("expr").GetString()!)];
    }

    [GeneratedRegex("fedqueue_[a-z_]+")]
    private static partial Regex MetricName();

    [GeneratedRegex("(?<=_seconds)_(bucket|sum|count)$")]
    private static partial Regex SeriesOfHistogram();

    [GeneratedRegex(@"- \./(?<outside>eng/\S+?):(?<inside>\S+):ro")]
    private static partial Regex Mount();
}
