using System.Net.Http.Headers;
using FedQueue.Aggregator.Api;
using FedQueue.Aggregator.Storage;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace FedQueue.Aggregator.Dashboard;

/// <summary>
/// Opens the dashboard once after the start, as a browser would: when a page is drawn for the first time its code and its queries are compiled, and
/// the first person would wait a second longer for that.
/// </summary>
internal sealed class FirstPage(
    IServer server, IServiceScopeFactory scopes, IHostApplicationLifetime life, IOptions<ApiOptions> options, ILogger<FirstPage> log) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var registration = life.ApplicationStarted.Register(started.SetResult);
        await started.Task.WaitAsync(stoppingToken);
        try
        {
            if (Address() is not { } address)
                return;

            // A proxy could not reach this very process.
            using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = address };
            if (options.Value.Key is { Length: > 0 } key)
                http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
            await http.GetStringAsync("/", stoppingToken);
            if (await NewestRun(stoppingToken) is { } run)
                await http.GetStringAsync($"/runs/{Uri.EscapeDataString(run)}", stoppingToken);
        }
        catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
        {
            // Then the first person waits for it. An exception that left here would stop the aggregator, also one for a page that took too long;
            // what is wrong says whoever cannot do without it.
            log.FirstPageNotOpened(exception);
        }
    }

    /// <summary>This server as it reaches itself; null when that takes a certificate or a socket file.</summary>
    private Uri? Address()
    {
        var addresses = server.Features.Get<IServerAddressesFeature>()?.Addresses.Select(BindingAddress.Parse) ?? [];
        return addresses.FirstOrDefault(a => a is { Scheme: "http", IsUnixPipe: false, IsNamedPipe: false }) is { } http
            ? new UriBuilder(http.Scheme, IsAnyOfThisMachine(http.Host) ? "localhost" : http.Host, http.Port).Uri
            : null;
    }

    private static bool IsAnyOfThisMachine(string host) => host is "*" or "+" or "[::]" or "0.0.0.0";

    private async Task<string?> NewestRun(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<FedQueueDbContext>();
        return await db.Runs.OrderByDescending(run => run.CreatedAt).Select(run => run.Id).FirstOrDefaultAsync(cancellationToken);
    }
}
