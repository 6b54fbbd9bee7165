using Microsoft.Playwright;

namespace FedQueue.Bench.Dashboard;

/// <summary>The browser in FEDQUEUE_CHROMIUM, or Debian's.</summary>
internal sealed class Chromium(IPlaywright playwright, IBrowser browser) : IAsyncDisposable
{
    private const string DebiansPath = "/usr/bin/chromium";

    public static async Task<Chromium> Start()
    {
        var playwright = await Playwright.CreateAsync();
        var path = Environment.GetEnvironmentVariable("FEDQUEUE_CHROMIUM") ?? DebiansPath;
        return new Chromium(playwright, await playwright.Chromium.LaunchAsync(new() { ExecutablePath = path, Args = ["--no-sandbox"] }));
    }

    /// <summary>A page of a context of its own: nothing is in its cache.</summary>
    public async Task<IPage> NewPage() => await (await browser.NewContextAsync(new() { ViewportSize = new() { Width = 1280, Height = 900 } })).NewPageAsync();

    public async ValueTask DisposeAsync()
    {
        await browser.DisposeAsync();
        playwright.Dispose();
    }
}
