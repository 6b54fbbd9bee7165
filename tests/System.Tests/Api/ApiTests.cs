using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.ServerSentEvents;
using System.Text;
using System.Text.Json;
using FedQueue.System.Tests.OneProcess;
using FedQueue.System.Tests.Queue;

namespace FedQueue.System.Tests.Api;

/// <summary>The aggregator's HTTP API; nobody trains here.</summary>
public sealed class ApiTests : IAsyncLifetime
{
    private const string Key = "a-key-of-the-tests";

    private readonly LiveServices services = new();
    private readonly HttpClient http = new() { Timeout = Hang.Limit };

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await services.DisposeAsync();
        http.Dispose();
    }

    [Fact]
    public async Task A_run_is_started_listed_shown_and_cancelled()
    {
        await Start();

        var started = await http.PostAsJsonAsync("/api/runs", new { id = "mine", rounds = 3, epochs = 20, features = "Progress,Speed" });
        Assert.Equal(HttpStatusCode.Created, started.StatusCode);
        Assert.Equal("/api/runs/mine", started.Headers.Location?.ToString());

        var run = await http.GetFromJsonAsync<JsonElement>("/api/runs/mine");
        Assert.Equal("waiting", run.GetProperty("status").GetString());
        Assert.Equal("auto", run.GetProperty("plan").GetProperty("training").GetProperty("engine").GetString());
        Assert.Equal(2, run.GetProperty("plan").GetProperty("columns").GetProperty("features").GetArrayLength());
        Assert.Contains("0 of 5 participants, waiting for 5 more", run.GetProperty("waitingFor").GetString(), StringComparison.Ordinal);
        Assert.Equal("mine", (await http.GetFromJsonAsync<JsonElement>("/api/runs"))[0].GetProperty("id").GetString());
        Assert.Equal(0, (await http.GetFromJsonAsync<JsonElement>("/api/runs/mine/rounds")).GetArrayLength());
        Assert.Equal(0, (await http.GetFromJsonAsync<JsonElement>("/api/runs/mine/participants")).GetProperty("participants").GetArrayLength());

        var cancelled = await http.PostAsync("/api/runs/mine/cancel", null);
        Assert.Equal("cancelled", (await cancelled.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("status").GetString());
        Assert.Equal("run cancelled", (await http.GetFromJsonAsync<JsonElement>("/api/runs/mine/history?kind=run%20cancelled")).GetProperty("events")[0].GetProperty("kind").GetString());

        await Refused(HttpStatusCode.Conflict, "The run 'mine' has ended already: it was cancelled.", await http.PostAsync("/api/runs/mine/cancel", null));
    }

    [Fact]
    public async Task What_cannot_be_done_is_a_problem_with_a_sentence()
    {
        await Start();
        await http.PostAsJsonAsync("/api/runs", new { id = "mine" });

        await Refused(HttpStatusCode.Conflict, "There is a run 'mine' already; choose another id, or leave it out.", await http.PostAsJsonAsync("/api/runs", new { id = "mine" }));
        await Refused(HttpStatusCode.BadRequest, "The number of rounds is 0; it must be from 1 to 100,000.", await http.PostAsJsonAsync("/api/runs", new { rounds = 0 }));
        await Refused(HttpStatusCode.BadRequest, "The body cannot be read at $.roundz (line 1); GET /openapi/v1.json says which names and values it takes.", await http.PostAsJsonAsync("/api/runs", new { roundz = 1 }));
        await Refused(HttpStatusCode.UnsupportedMediaType, "Send the body as JSON, with the header 'Content-Type: application/json'.", await http.PostAsync("/api/runs", new StringContent("rounds=3", Encoding.UTF8, "text/plain")));
        foreach (var path in new[] { "", "/standing", "/rounds", "/participants", "/history", "/quarantine", "/verification", "/model", "/events" })
            await Refused(HttpStatusCode.NotFound, "There is no run 'other'; GET /api/runs lists those there are.", await http.GetAsync($"/api/runs/other{path}"));
        await Refused(HttpStatusCode.NotFound, "Run 'mine' has no weights yet; GET /api/runs/mine lists the models there are.", await http.GetAsync("/api/runs/mine/model"));
        await Refused(HttpStatusCode.NotFound, "Run 'mine' has no weights of round 3; GET /api/runs/mine lists the models there are.", await http.GetAsync("/api/runs/mine/model?round=3&format=onnx"));
        await Refused(HttpStatusCode.BadRequest, "There is no format 'keras'; it is safetensors or onnx.", await http.GetAsync("/api/runs/mine/model?format=keras"));
        await Refused(HttpStatusCode.NotFound, "There is no forecast of 'a' in run 'mine': its worker shares none (FedQueue:Worker:SharePredictions is off), or it has not answered yet.", await http.GetAsync("/api/runs/mine/participants/a/forecast"));
        await Refused(HttpStatusCode.NotFound, "There is nothing at /api/nothing; GET /openapi/v1.json lists what there is.", await http.GetAsync("/api/nothing"));
    }

    [Fact]
    public async Task Events_of_a_run_are_sent_from_its_beginning_to_its_end_and_from_where_a_reader_was()
    {
        await Start();
        await http.PostAsJsonAsync("/api/runs", new { id = "mine" });

        var reading = Events("/api/runs/mine/events?after=0", item => item.EventType == "standing" ? http.PostAsync("/api/runs/mine/cancel", null) : Task.CompletedTask);
        var events = await reading.WaitAsync(Hang.Limit);

        Assert.Equal("run created", KindOf(events[0]));
        Assert.Equal("run cancelled", KindOf(events[^1]));
        Assert.Contains(events, item => item.EventType == "standing" && item.Data.Contains("waiting for 5 more", StringComparison.Ordinal));

        // The number of the first line was the newest that this reader has.
        var rest = await Events("/api/runs/mine/events", _ => Task.CompletedTask, lastSeen: events[0].EventId).WaitAsync(Hang.Limit);
        Assert.Equal("run cancelled", KindOf(Assert.Single(rest)));
    }

    [Fact]
    public async Task Who_reads_events_does_not_keep_the_aggregator_from_stopping()
    {
        await Start();
        await http.PostAsJsonAsync("/api/runs", new { id = "mine" });
        var ends = await Task.WhenAll(Begin("/api/events"), Begin("/api/runs/mine/events"));

        // What has not ended after the 30 s of a host's stop is cut off, which its reader would notice.
        var aggregator = Assert.Single(services.Programs);
        await aggregator.Signal(15);
        Assert.Equal(0, await aggregator.Exit());
        await Task.WhenAll(ends).WaitAsync(Hang.Limit);

        // Reads on in a task, which is the result.
        async Task<Task> Begin(string path)
        {
            var first = new TaskCompletionSource();
            var reading = Events(path, _ =>
            {
                first.TrySetResult();
                return Task.CompletedTask;
            });
            await first.Task.WaitAsync(Hang.Limit);
            return reading;
        }
    }

    [Fact]
    public async Task Reading_and_writing_need_the_key_and_reading_does_not_where_it_is_public()
    {
        await Start(("FedQueue__Api__Key", Key));
        const string how = "This aggregator wants its key: send the header 'Authorization: Bearer KEY', or with the fedqueue command --key or FEDQUEUE_API_KEY.";

        await Refused(HttpStatusCode.Unauthorized, how, await http.GetAsync("/api/runs"));
        await Refused(HttpStatusCode.Unauthorized, how, await http.GetAsync("/openapi/v1.json"));
        await Refused(HttpStatusCode.Unauthorized, how, await http.PostAsJsonAsync("/api/runs", new { id = "mine" }));
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync("/health/ready")).StatusCode);

        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "another-key-altogether");
        await Refused(HttpStatusCode.Unauthorized, how, await http.GetAsync("/api/runs"));
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Key);
        Assert.Equal(HttpStatusCode.Created, (await http.PostAsJsonAsync("/api/runs", new { id = "mine" })).StatusCode);

        // The same over the command line.
        Assert.Contains(how, await Cli(2, "list", "--server", services.Url("")), StringComparison.Ordinal);
        Assert.StartsWith("mine  waiting  0/10 rounds", await Cli(0, "list", "--server", services.Url(""), "--key", Key), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_page_of_another_site_changes_nothing()
    {
        await Start();
        await http.PostAsJsonAsync("/api/runs", new { id = "mine" });

        http.DefaultRequestHeaders.Add("Sec-Fetch-Site", "cross-site");
        await Refused(
            HttpStatusCode.Forbidden, "A page of another site sent this; use the dashboard, the fedqueue command or a program of your own.", await http.PostAsync("/api/runs/mine/cancel", null));

        Assert.Equal("waiting", (await http.GetFromJsonAsync<JsonElement>("/api/runs/mine")).GetProperty("status").GetString());
    }

    [Fact]
    public async Task Everybody_may_read_where_reading_is_public()
    {
        await Start(("FedQueue__Api__Key", Key), ("FedQueue__Api__PublicRead", "true"));

        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync("/api/runs")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync("/")).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await http.PostAsJsonAsync("/api/runs", new { id = "mine" })).StatusCode);
    }

    [Theory]
    [InlineData("http://*:0", "the aggregator is to listen on http://*:0, where others can reach it, so Key must be set")]
    [InlineData("http://localhost:0;http://192.168.0.1:0", "listen on http://192.168.0.1:0, where others can reach it")]
    public async Task An_aggregator_that_others_can_reach_does_not_start_without_a_key(string urls, string sentence)
    {
        var aggregator = services.Aggregator(("ASPNETCORE_URLS", urls));

        Assert.Equal(2, await aggregator.Exit());
        Assert.Contains(sentence, aggregator.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_openapi_document_names_every_path()
    {
        await Start();

        var paths = (await http.GetFromJsonAsync<JsonElement>("/openapi/v1.json")).GetProperty("paths");

        Assert.Equal(
            [
                "/api/events", "/api/participants", "/api/runs", "/api/runs/{id}", "/api/runs/{id}/cancel", "/api/runs/{id}/events", "/api/runs/{id}/history", "/api/runs/{id}/model",
                "/api/runs/{id}/participants", "/api/runs/{id}/participants/{participant}/forecast", "/api/runs/{id}/quarantine", "/api/runs/{id}/rounds",
                "/api/runs/{id}/standing", "/api/runs/{id}/verification",
            ],
            paths.EnumerateObject().Select(path => path.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task The_command_line_starts_shows_watches_and_cancels_a_run()
    {
        await Start();

        Assert.Contains("run mine: 0 of 2 participants, waiting for 2 more", await Cli(0, "start", "--server", services.Url(""), "--id", "mine", "--participants", "2", "--rounds", "4"), StringComparison.Ordinal);
        Assert.StartsWith("Run mine: waiting, asked for ", await Cli(0, "show", "mine", "--server", services.Url("")), StringComparison.Ordinal);
        Assert.Contains("\"rounds\":4", await Cli(0, "show", "mine", "--server", services.Url(""), "--json"), StringComparison.Ordinal);

        await using var watch = RunningProgram.FedQueue("run", "watch", "mine", "--server", services.Url(""), "--json");
        await watch.Until(p => p.Error.Contains("waiting for 2 more", StringComparison.Ordinal), "it says what is awaited");
        Assert.Equal("Run mine was cancelled.", await Cli(0, "cancel", "mine", "--server", services.Url("")));
        Assert.Equal(1, await watch.Exit());
        Assert.Equal("cancelled", Simulate.LastLine(watch).GetProperty("status").GetString());

        Assert.Contains("The run 'mine' has ended already: it was cancelled.", await Cli(2, "cancel", "mine", "--server", services.Url("")), StringComparison.Ordinal);
        Assert.Contains("The number of rounds is 0", await Cli(2, "start", "--server", services.Url(""), "--rounds", "0"), StringComparison.Ordinal);
        Assert.Contains("Which aggregator? Name it with --server", await Cli(2, "cancel", "mine"), StringComparison.Ordinal);
    }

    private Task Start(params (string Name, string Value)[] settings)
    {
        http.BaseAddress = new Uri(services.Url(""));
        return services.ReadyAggregator(settings);
    }

    private static async Task<string> Cli(int status, params string[] arguments)
    {
        await using var program = RunningProgram.FedQueue(["run", .. arguments]);
        Assert.True(await program.Exit() == status, program.Output + program.Error);
        return (program.Output + program.Error).TrimEnd();
    }

    private static async Task Refused(HttpStatusCode status, string sentence, HttpResponseMessage response)
    {
        var body = await response.Content.ReadAsStringAsync();
        Assert.True(response.Content.Headers.ContentType?.MediaType == "application/problem+json", $"{response.StatusCode} {body}");
        Assert.Equal((status, sentence), (response.StatusCode, JsonDocument.Parse(body).RootElement.GetProperty("detail").GetString()));
    }

    private async Task<List<SseItem<string>>> Events(string path, Func<SseItem<string>, Task> heard, string? lastSeen = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (lastSeen is not null)
            request.Headers.Add("Last-Event-ID", lastSeen);
        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        await using var stream = await response.Content.ReadAsStreamAsync();
        List<SseItem<string>> items = [];
        await foreach (var item in SseParser.Create(stream).EnumerateAsync())
        {
            items.Add(item);
            await heard(item);
        }

        return items;
    }

    private static string? KindOf(SseItem<string> item) => JsonDocument.Parse(item.Data).RootElement.GetProperty("kind").GetString();
}
