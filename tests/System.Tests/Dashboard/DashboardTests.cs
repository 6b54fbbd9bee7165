using System.Text.RegularExpressions;
using FedQueue.System.Tests.OneProcess;
using FedQueue.System.Tests.Queue;
using Microsoft.Playwright;

namespace FedQueue.System.Tests.Dashboard;

/// <summary>The dashboard in a real browser, against the services over RabbitMQ. Screenshots lie in TestResults/screenshots.</summary>
[Collection(SharesBroker.Name)]
public sealed class DashboardTests(Broker broker) : IAsyncLifetime
{
    private const string Key = "a-key-of-the-tests";
    private const float LimitMilliseconds = 120_000;
    private static readonly string Screenshots = Path.Combine(Repository.Root, "TestResults", "screenshots");

    private readonly LiveServices services = new(broker);
    private readonly List<string> foreign = [];
    private IPlaywright? playwright;
    private IBrowser? browser;

    public async Task InitializeAsync()
    {
        if (Environment.GetEnvironmentVariable("FEDQUEUE_CHROMIUM") is not { } chromium)
            return;

        await services.MakeVirtualHost();
        Assertions.SetDefaultExpectTimeout(LimitMilliseconds);
        playwright = await Playwright.CreateAsync();
        browser = await playwright.Chromium.LaunchAsync(new() { ExecutablePath = chromium, Args = ["--no-sandbox"] });
    }

    public async Task DisposeAsync()
    {
        if (browser is not null)
            await browser.DisposeAsync();
        playwright?.Dispose();
        await services.DisposeAsync();
    }

    [BrowserFact]
    public async Task A_person_sees_a_run_start_progress_survive_the_death_of_a_worker_and_end()
    {
        await StartAggregator();
        var workers = Enumerable.Range(0, 6).Select(_ => services.Worker(("FedQueue__Worker__SharePredictions", "true"))).ToList();
        var page = await Open(1280, ColorScheme.Light);

        // Nobody gets in without the key.
        await page.GotoAsync(services.Url("/"));
        await page.GetByLabel("Key of the aggregator").FillAsync("another-key-altogether");
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("not the key");
        await page.GetByLabel("Key of the aggregator").FillAsync(Key);
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page.GetByText("No run was asked for yet")).ToBeVisibleAsync();

        await page.GetByRole(AriaRole.Navigation).GetByText("Start a run").ClickAsync();
        await page.GetByLabel("Id", new() { Exact = true }).FillAsync("from-the-browser");
        await page.GetByLabel("Rounds", new() { Exact = true }).FillAsync("5");
        await page.GetByLabel("Epochs a round").FillAsync("100");
        await page.GetByLabel("Seed").FillAsync("7");
        await page.GetByLabel("Participants to start with").FillAsync("5");
        await page.GetByLabel("Compare with").SelectOptionAsync("local");
        await page.GetByRole(AriaRole.Button, new() { Name = "Start", Exact = true }).ClickAsync();

        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = "from-the-browser" })).ToBeVisibleAsync();
        await Assertions.Expect(page.Locator(".fq-round")).ToHaveTextAsync(new Regex("round [2-4] of 5"));
        await Assertions.Expect(page.Locator(".fq-sentence")).ToContainTextAsync("waiting for task_");

        // Rounds last longer than the page is behind: who dies after its last answer leaves no model of its own.
        var victim = workers.First(worker => worker.Error.Contains(" holds ", StringComparison.Ordinal));
        victim.Kill();

        // The same bits as in one process, where nobody died.
        await Assertions.Expect(page.Locator(".fq-sentence")).ToContainTextAsync($"SHA-256 {await Simulate.Sha256OfInterruptibleJob()}");
        await Assertions.Expect(page.Locator(".fq-head .fq-state-completed")).ToBeVisibleAsync();
        await Assertions.Expect(page.Locator(".fq-participants .fq-state-submitted")).ToHaveCountAsync(5);
        await Assertions.Expect(page.GetByText("After round 5: RMSE")).ToBeVisibleAsync();
        // Of whose predictions came first when the page began to show some.
        await Assertions.Expect(page.GetByText(new Regex(@"^The global model after round 5 on the newest 200 held-out windows of task_\d+\.$"))).ToBeVisibleAsync();
        await Assertions.Expect(page.Locator(".fq-chart svg").First).ToBeVisibleAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Row, new() { Name = "own data alone, 500 epochs" })).ToContainTextAsync("5 of 5");
        await Assertions.Expect(page.GetByRole(AriaRole.Row, new() { Name = "repeat the last value" })).ToContainTextAsync("20.547");
        await Shot(page, "run");

        await page.GetByRole(AriaRole.Tab, new() { Name = "History" }).ClickAsync();
        await Assertions.Expect(page.Locator(".fq-history")).ToContainTextAsync("run completed");

        var download = await page.RunAndWaitForDownloadAsync(() => page.GetByText("Download model").ClickAsync());
        Assert.Equal("from-the-browser-round-5.safetensors", download.SuggestedFilename);

        var phone = await Open(390, ColorScheme.Dark, await page.Context.StorageStateAsync());
        await phone.GotoAsync(services.Url("/runs/from-the-browser"));
        await Assertions.Expect(phone.Locator(".fq-chart svg").First).ToBeVisibleAsync();
        Assert.Equal(390, await phone.EvaluateAsync<int>("document.documentElement.scrollWidth"));
        await Shot(phone, "run-phone-dark");
        Assert.Empty(foreign);
    }

    /// <summary>The click comes at any moment of the time in which the server takes over the page that it has drawn.</summary>
    [BrowserFact]
    public async Task A_link_that_is_clicked_before_the_server_has_taken_over_the_page_leads_where_it_says()
    {
        await StartAggregator();
        var page = await Open(1280, ColorScheme.Light);
        await page.GotoAsync(services.Url("/"));
        await page.GetByLabel("Key of the aggregator").FillAsync(Key);
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page.GetByText("No run was asked for yet")).ToBeVisibleAsync();

        for (var wait = 0; wait < 400; wait += 20)
        {
            await page.GotoAsync(services.Url("/"), new() { WaitUntil = WaitUntilState.Commit });
            await page.EvaluateAsync($"new Promise(done => setTimeout(done, {wait}))");
            await page.GetByRole(AriaRole.Navigation).GetByText("Start a run").ClickAsync();
            await Assertions.Expect(page.GetByLabel("Id", new() { Exact = true })).ToBeEnabledAsync();
        }
    }

    [BrowserFact]
    public async Task A_run_is_cancelled_by_keyboard_and_predictions_that_are_not_shared_are_said_to_be_so()
    {
        await StartAggregator();
        services.Worker(("FedQueue__Worker__Slots", "5"));
        var page = await Open(1280, ColorScheme.Dark);
        await page.GotoAsync(services.Url("/start"));
        await page.GetByLabel("Key of the aggregator").FillAsync(Key);
        await page.Keyboard.PressAsync("Enter");

        await page.GetByLabel("Rounds", new() { Exact = true }).FillAsync("0");
        await page.EvaluateAsync("document.querySelector('form').noValidate = true");
        await page.GetByRole(AriaRole.Button, new() { Name = "Start", Exact = true }).ClickAsync();
        await Assertions.Expect(page.GetByText("The number of rounds is 0; it must be from 1 to 100,000.")).ToBeVisibleAsync();

        await page.GetByLabel("Rounds", new() { Exact = true }).FillAsync("100");
        await page.GetByLabel("Id", new() { Exact = true }).FillAsync("long");
        await page.GetByRole(AriaRole.Button, new() { Name = "Start", Exact = true }).ClickAsync();
        await Assertions.Expect(page.Locator(".fq-participants .fq-epoch").First).ToContainTextAsync("of 100");
        await Assertions.Expect(page.GetByText("Nobody shares predictions: the workers run without Worker:SharePredictions")).ToBeVisibleAsync();

        await page.GetByRole(AriaRole.Button, new() { Name = "Cancel run" }).FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        await page.GetByRole(AriaRole.Button, new() { Name = "Cancel the run" }).FocusAsync();
        await page.Keyboard.PressAsync("Enter");

        await Assertions.Expect(page.Locator(".fq-head .fq-state-cancelled")).ToBeVisibleAsync();
        await Assertions.Expect(page.Locator(".fq-sentence")).ToHaveTextAsync("It was cancelled by a person.");
        await Assertions.Expect(page.GetByRole(AriaRole.Button, new() { Name = "Cancel run" })).Not.ToBeVisibleAsync();
        await Shot(page, "cancelled-dark");
    }

    private Task StartAggregator() => services.ReadyAggregator(("FedQueue__Api__Key", Key), ("FedQueue__Participants__Lease", "00:00:02"));

    private async Task<IPage> Open(int width, ColorScheme scheme, string? state = null)
    {
        var context = await browser!.NewContextAsync(new() { ViewportSize = new() { Width = width, Height = 900 }, ColorScheme = scheme, StorageState = state });
        var page = await context.NewPageAsync();
        page.SetDefaultTimeout(30_000);
        page.Request += (_, request) =>
        {
            // Nothing comes from another server: the page works without the internet.
            if (!request.Url.StartsWith(services.Url("/"), StringComparison.Ordinal) && !request.Url.StartsWith("data:", StringComparison.Ordinal))
                foreign.Add(request.Url);
        };
        return page;
    }

    private static async Task Shot(IPage page, string name)
    {
        Directory.CreateDirectory(Screenshots);
        await page.ScreenshotAsync(new() { Path = Path.Combine(Screenshots, $"{name}.png"), FullPage = true });
    }
}
