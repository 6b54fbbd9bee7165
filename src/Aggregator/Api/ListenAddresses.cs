using System.Net;

namespace FedQueue.Aggregator.Api;

/// <summary>Where Kestrel is going to listen, as far as settings say.</summary>
internal static class ListenAddresses
{
    /// <returns>The first address that other machines can reach; null when there is none.</returns>
    public static string? BeyondLoopback(IConfiguration configuration) => All(configuration).FirstOrDefault(address => !IsLoopback(address));

    /// <summary>In the order in which ASP.NET Core lets them take precedence; without any it listens on localhost:5000.</summary>
    private static IEnumerable<string> All(IConfiguration configuration)
    {
        var endpoints = configuration.GetSection("Kestrel:Endpoints").GetChildren().Select(endpoint => endpoint["Url"]).OfType<string>().ToList();
        if (endpoints.Count > 0)
            return endpoints;
        if (configuration["urls"] is { Length: > 0 } urls)
            return Split(urls);
        return Split(configuration["http_ports"]).Select(port => $"http://*:{port}").Concat(Split(configuration["https_ports"]).Select(port => $"https://*:{port}"));
    }

    private static string[] Split(string? values) => values?.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [];

    private static bool IsLoopback(string address)
    {
        // What is no URI, such as http://*:8080 or http://unix:/run/socket, is read by hand.
        var host = address[(address.IndexOf("://", StringComparison.Ordinal) + 3)..];
        if (host.StartsWith("unix:", StringComparison.OrdinalIgnoreCase) || host.StartsWith("pipe:", StringComparison.OrdinalIgnoreCase))
            return true;

        host = host.Split('/')[0];
        host = host.StartsWith('[') ? host[1..host.IndexOf(']')] : host.Split(':')[0];
        return host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host, out var ip) && IPAddress.IsLoopback(ip));
    }
}
