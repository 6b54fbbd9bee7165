using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace FedQueue.Bench.Rounds;

/// <summary>The aggregator as a program of its own, so that its memory is nobody else's.</summary>
internal sealed class AggregatorProcess(Process process, string url) : IAsyncDisposable
{
    private static readonly TimeSpan ReadyWithin = TimeSpan.FromMinutes(1);

    public string Url => url;

    public ProcessMemory Memory { get; } = new(process.Id);

    /// <summary>Returns when broker and database answer it.</summary>
    public static async Task<AggregatorProcess> Start(IReadOnlyDictionary<string, string?> settings)
    {
        var url = $"http://127.0.0.1:{FreePort()}";
        var command = Command("FedQueue.Aggregator", settings);
        command.Environment["ASPNETCORE_URLS"] = url;
        command.Environment["MALLOC_ARENA_MAX"] = "2"; // As in the image.

        var aggregator = new AggregatorProcess(Process.Start(command)!, url);
        using var http = new HttpClient();
        using var limit = new CancellationTokenSource(ReadyWithin);
        while (!await IsReady(http, url, limit.Token))
            await Task.Delay(100, limit.Token);
        return aggregator;
    }

    /// <summary>
    /// A service of this folder, which has what the aggregator's framework does not bring: so all of them run on that one.
    /// </summary>
    public static ProcessStartInfo Command(string service, IReadOnlyDictionary<string, string?> settings)
    {
        var folder = AppContext.BaseDirectory;
        var command = new ProcessStartInfo(
            "dotnet", ["exec", "--runtimeconfig", Path.Combine(folder, "FedQueue.Aggregator.runtimeconfig.json"), Path.Combine(folder, $"{service}.dll")]);
        foreach (var (name, value) in settings)
            command.Environment[name.Replace(":", "__", StringComparison.Ordinal)] = value;
        command.Environment["Logging__LogLevel__FedQueue"] = "Warning";
        return command;
    }

    public async ValueTask DisposeAsync()
    {
        process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
    }

    private static async Task<bool> IsReady(HttpClient http, string url, CancellationToken cancellationToken)
    {
        try
        {
            return (await http.GetAsync($"{url}/health/ready", cancellationToken)).IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
