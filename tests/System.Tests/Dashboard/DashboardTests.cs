using System.Text;
using System.Text.RegularExpressions;
using FedQueue.System.Tests.OneProcess;
using FedQueue.System.Tests.Queue;
using FedQueue.System.Tests.Storage;
using Microsoft.Playwright;

namespace FedQueue.System.Tests.Dashboard;

/// <summary>The dashboard in a real browser, against the services over RabbitMQ. Screenshots lie in TestResults/screenshots.</summary>
[Collection(SharesBroker.Name)]
public sealed class DashboardTests(Broker broker, PostgresServer postgres) : IAsyncLifetime
{
    private const string Key = "a-key-of-the-tests";
    private static readonly float Limit = (float)Hang.Limit.TotalMilliseconds;
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
        Assertions.SetDefaultExpectTimeout(Limit);
        playwright = await Playwright.CreateAsync();
        browser = await playwright.Chromium.LaunchAsync(new() { ExecutablePath = chromium, Args = ["--no-sandbox"], Timeout = Limit });
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
        var plan = await (await page.APIRequest.GetAsync(services.Url("/api/runs/from-the-browser"))).JsonAsync();
        Assert.Matches("\"rounds\":5,\"seed\":7,", plan?.GetRawText());
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
        // Of all five: until then it has no error over all, and says of how many there is one.
        await Assertions.Expect(page.GetByRole(AriaRole.Row, new() { Name = "own data alone, 500 epochs" }).Locator("td").First)
            .ToHaveTextAsync(new Regex(@"^\s*\d+\.\d{4}\s*$"));
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

    /// <summary>The page moves the keyboard to its heading once the server has heard that it is drawn. Here the server hears it late, as over a slow network.</summary>
    [BrowserFact]
    public async Task A_field_that_somebody_writes_in_keeps_the_keyboard_when_the_page_has_been_drawn()
    {
        await StartAggregator();
        var page = await SignIn(1280, ColorScheme.Light);
        List<IWebSocketFrame> held = [];
        var holds = true;
        var headingIsAskedFor = false;
        var headingWasFocused = new TaskCompletionSource();
        IWebSocketRoute? server = null;
        await page.RouteWebSocketAsync(new Regex("/_blazor"), browserSide =>
        {
            server = browserSide.ConnectToServer();
            server.OnMessage(frame =>
            {
                headingIsAskedFor |= Says(frame, "focusBySelector");
                Pass(frame, browserSide);
            });
            browserSide.OnMessage(frame =>
            {
                lock (held)
                {
                    if (holds && (held.Count > 0 || Says(frame, "OnRenderCompleted")))
                        held.Add(frame);
                    else
                        Pass(frame, server);
                    if (headingIsAskedFor && Says(frame, "EndInvokeJSFromDotNet"))
                        headingWasFocused.TrySetResult();
                }
            });
        });

        await page.GotoAsync(services.Url("/start"));
        var id = page.GetByLabel("Id", new() { Exact = true });
        await Assertions.Expect(id).ToBeEnabledAsync();
        await id.FocusAsync();
        lock (held)
        {
            Assert.NotEmpty(held);
            held.ForEach(frame => Pass(frame, server!));
            holds = false;
        }

        await headingWasFocused.Task.WaitAsync(Hang.Limit);
        await Assertions.Expect(id).ToBeFocusedAsync();

        static bool Says(IWebSocketFrame frame, string word) => frame.Binary?.AsSpan().IndexOf(Encoding.UTF8.GetBytes(word)) >= 0;

        static void Pass(IWebSocketFrame frame, IWebSocketRoute to)
        {
            if (frame.Binary is { } bytes)
                to.Send(bytes);
            else
                to.Send(frame.Text!);
        }
    }

    [BrowserFact]
    public async Task Behind_a_proxy_that_asks_another_aggregator_each_time_every_page_is_live()
    {
        (string, string)[] shared =
            [("FedQueue__Api__Key", Key), ("FedQueue__Storage__Provider", "Postgres"), ("FedQueue__Storage__Connection", await postgres.NewDatabase())];
        var other = Network.FreePort();
        await services.ReadyAggregator(shared);
        var second = services.Aggregator([("ASPNETCORE_URLS", $"http://127.0.0.1:{other}"), .. shared]);
        await second.Until(p => p.Error.Contains("Ready. Dashboard", StringComparison.Ordinal), "the second aggregator is ready");
        using var proxy = new RoundRobin(new Uri(services.Url("")).Port, other);

        for (var visit = 0; visit < 6; visit++)
        {
            var page = await Open(1280, ColorScheme.Light);
            await page.GotoAsync($"http://127.0.0.1:{proxy.Port}/start");
            await page.GetByLabel("Key of the aggregator").FillAsync(Key);
            await page.Keyboard.PressAsync("Enter");
            await Assertions.Expect(page.GetByLabel("Id", new() { Exact = true })).ToBeEnabledAsync();
            await page.Context.CloseAsync();
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

    [BrowserFact]
    public async Task Nothing_is_cut_off_on_a_phone_a_tablet_and_a_desk()
    {
        const string CutOff = """
            () => [...document.querySelectorAll('html, td, td *, th, th *, p, h1, h2, label, a')]
                .filter(e => e.clientWidth > 0 && e.scrollWidth > e.clientWidth + (e.tagName === 'HTML' ? 0 : 1))
                .filter(e => e.tagName === 'HTML' || getComputedStyle(e).overflowX !== 'visible')
                .map(e => `${e.tagName} ${e.scrollWidth} in ${e.clientWidth}: ${e.textContent.trim().slice(0, 30)}`)
            """;
        (string Path, string Text)[] pages =
        [
            ("/", "cancelled"), ("/start", "Target's cap"), ("/sign-in", "Key of the aggregator"),
            ("/runs/failed", "No more."), ("/runs/cancelled", "by a person"), ("/runs/running", "0 of 2"), ("/runs/waiting", "No participant is there yet"),
            ($"/runs/{ShownRuns.Large}", "evaluation"), ($"/runs/{ShownRuns.Completed}", "evaluation"),
        ];
        (string Name, string Text)[] tabs =
            [("History", @"evaluation\s*(What)?\s*quarantined"), ("Quarantine", "No more."), ("Plan", "Own models")];
        (int, ColorScheme)[] windows = [(360, ColorScheme.Light), (768, ColorScheme.Dark), (1440, ColorScheme.Light)];
        await ShownRuns.Fill(services.Database);
        await StartAggregator();
        List<string> cut = [];
        foreach (var (width, scheme) in windows)
        {
            var page = await SignIn(width, scheme);
            foreach (var (path, text) in pages)
            {
                await page.GotoAsync(services.Url(path));
                await Assertions.Expect(page.Locator("body")).ToContainTextAsync(text);
                await Look(path);
            }

            // The round after the last of the plan has no number of its own.
            await Assertions.Expect(page.Locator(".fq-rounds .rz-data-row").First.Locator("td").First).ToHaveTextAsync(new Regex("^(Round)?evaluation$"));
            foreach (var (tab, text) in tabs)
            {
                await page.GetByRole(AriaRole.Tab, new() { Name = tab }).ClickAsync();
                await Assertions.Expect(page.Locator(".fq-tabs")).ToContainTextAsync(new Regex(text));
                await Look(tab);
            }

            async Task Look(string what)
            {
                cut.AddRange((await page.EvaluateAsync<string[]>(CutOff)).Select(element => $"{width} {what}: {element}"));
                await Shot(page, $"{width} {what.Replace('/', ' ')}");
            }
        }

        Assert.Empty(cut);
    }

    [BrowserFact]
    public async Task The_best_forecast_is_bold_and_the_lines_of_a_forecast_are_told_apart()
    {
        const string Hues = """
            () => [...document.querySelectorAll('section[aria-label=Forecast] .rz-line-series path')].map(path => {
                const [red, green, blue] = getComputedStyle(path).stroke.match(/\d+/g).map(Number);
                return (Math.atan2(Math.sqrt(3) * (green - blue), 2 * red - green - blue) * 180 / Math.PI + 360) % 360;
            })
            """;
        await ShownRuns.Fill(services.Database);
        await StartAggregator();
        var page = await SignIn(1440, ColorScheme.Light);
        await page.GotoAsync(services.Url($"/runs/{ShownRuns.Completed}"));

        await Assertions.Expect(Row("federated").Locator("strong")).ToHaveTextAsync(["15.0665", "15.0333", "15.0665", "15.0997", "15.1327"]);
        await Assertions.Expect(Row("repeat the last value").Locator("strong")).ToHaveTextAsync(["14.8324"]);
        await Assertions.Expect(Row("own data alone, 300 epochs")).ToContainTextAsync("4 of 5 participants so far");
        await Assertions.Expect(Row("federated")).Not.ToContainTextAsync("so far");
        await Assertions.Expect(Row("federated").Locator(".fq-length")).ToHaveAttributeAsync("style", "width: 56.9%");
        await Assertions.Expect(Row("mean of the training rows").Locator(".fq-length")).ToHaveAttributeAsync("style", "width: 100%");

        await Assertions.Expect(page.Locator("section[aria-label=Forecast] .rz-line-series")).ToHaveCountAsync(2);
        var hues = Array.Empty<double>();
        await Eventually.Holds(async () => (hues = await page.EvaluateAsync<double[]>(Hues)).Length == 2, () => "both lines are drawn");
        Assert.InRange(Math.Abs(hues[0] - hues[^1]), 90, 270);

        ILocator Row(string name) => page.Locator(".fq-comparison tbody tr").Filter(new() { HasText = name });
    }

    private async Task<IPage> SignIn(int width, ColorScheme scheme)
    {
        var page = await Open(width, scheme);
        await page.GotoAsync(services.Url("/sign-in"));
        await page.GetByLabel("Key of the aggregator").FillAsync(Key);
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Runs" })).ToBeVisibleAsync();
        return page;
    }

    private Task StartAggregator() => services.ReadyAggregator(("FedQueue__Api__Key", Key), ("FedQueue__Participants__Lease", "00:00:02"));

    private async Task<IPage> Open(int width, ColorScheme scheme, string? state = null)
    {
        var context = await browser!.NewContextAsync(new() { ViewportSize = new() { Width = width, Height = 900 }, ColorScheme = scheme, StorageState = state });
        var page = await context.NewPageAsync();
        page.SetDefaultTimeout(Limit);
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
