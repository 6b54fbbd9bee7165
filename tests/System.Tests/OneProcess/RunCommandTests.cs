using System.Net;
using System.Text;
using FedQueue.System.Tests.Queue;

namespace FedQueue.System.Tests.OneProcess;

public sealed class RunCommandTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task What_is_known_of_a_run_of_simulate_is_read_from_its_folder()
    {
        await using (var simulate = RunningProgram.FedQueue("simulate", "--data", Repository.Data, "--out", folder.Path, "--rounds", "1", "--epochs", "1", "--workers", "2"))
            Assert.Equal(0, await simulate.Exit());
        var run = Path.GetFileName(Directory.GetDirectories(folder.Path).Single());

        var text = await Answer(0, "history", run, "--out", folder.Path);
        Assert.Matches(@"(?m)^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}Z  round 1     round opened ", text);
        Assert.Contains("run completed: 1", text.Split('\n')[^1], StringComparison.Ordinal);

        Assert.EndsWith($"Run {run} holds: 2 of 2 sets of global weights recomputed, bit for bit.", await Answer(0, "verify", run, "--out", folder.Path), StringComparison.Ordinal);
        Assert.Equal($"Run {run} has nothing in quarantine.", await Answer(0, "quarantine", run, "--out", folder.Path));

        var json = await Answer(0, "history", run, "--out", folder.Path, "--json");
        Assert.StartsWith($$"""{"run":"{{run}}","events":[{"id":1,""", json, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, 0)]
    [InlineData(false, 1)]
    public async Task A_verification_has_a_line_for_each_round_the_verdict_last_and_a_status(bool sound, int status)
    {
        using var server = new StubServer("/api/runs/mine/verification", 200, "application/json", $$"""
            {"run":"mine","status":"completed","sound":{{(sound ? "true" : "false")}},"verdict":"The verdict.","rounds":[
            {"round":1,"outcome":"verified","sha256":"ab12","text":"As computed."},{"round":2,"outcome":"broken","sha256":null,"text":"Another."}]}
            """);

        Assert.Equal(
            "round 1: verified, SHA-256 ab12. As computed.\nround 2: broken. Another.\nThe verdict.",
            await Answer(status, "verify", "mine", "--server", server.Address));
    }

    [Fact]
    public async Task What_is_in_quarantine_is_listed_with_its_reason()
    {
        using var server = new StubServer("/api/runs/mine/quarantine", 200, "application/json", """
            {"run":"mine","count":1,"entries":[{"round":2,"participant":"a","workerId":"w-1","receivedAt":"2026-11-23T20:00:00.5+01:00",
            "sampleCount":0,"bytes":12,"sha256":"cd34","reason":"It has no samples."}]}
            """);

        Assert.Equal(
            "2026-11-23 19:00:00.500Z  round 2  a from w-1: It has no samples. (0 samples, 12 bytes, SHA-256 cd34)\nRun mine has 1 submission in quarantine.",
            await Answer(0, "quarantine", "mine", "--server", server.Address));
    }

    [Fact]
    public async Task A_run_that_the_server_does_not_know_gets_the_servers_own_sentence()
    {
        using var server = new StubServer("/api/runs/other/history", 404, "application/problem+json", """{"status":404,"detail":"There is no run 'other'; these there are."}""");

        Assert.Equal("There is no run 'other'; these there are.", await Refusal("history", "other", "--server", server.Address));
    }

    [Theory]
    [InlineData(404, "text/html", "<p>Not here</p>", "does not know /api/runs/mine/history; check the address")]
    [InlineData(200, "text/html", "<p>Hello</p>", "is no aggregator of this version; check the address.")]
    [InlineData(200, "application/json", "{}", "is no aggregator of this version; check the address.")]
    [InlineData(500, "text/plain", "", "answered with status 500; its log says why.")]
    public async Task A_server_that_is_no_aggregator_gets_a_sentence(int status, string type, string body, string part)
    {
        using var server = new StubServer("/api/runs/mine/history", status, type, body);

        Assert.Contains(part, await Refusal("history", "mine", "--server", server.Address), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_is_away_an_address_that_is_none_and_a_run_that_is_nowhere_get_a_sentence()
    {
        var away = $"http://127.0.0.1:{Network.FreePort()}";
        Assert.StartsWith($"No aggregator answers at {away}/ (", await Refusal("verify", "mine", "--server", away), StringComparison.Ordinal);
        Assert.StartsWith("--server is 'localhost:8080', which is no address;", await Refusal("verify", "mine", "--server", "localhost:8080"), StringComparison.Ordinal);
        Assert.StartsWith("--out and --server cannot go together", await Refusal("verify", "mine", "--server", away, "--out", "runs"), StringComparison.Ordinal);
        Assert.StartsWith($"There is no run 'mine' in {folder.Path}", await Refusal("history", "mine", "--out", folder.Path), StringComparison.Ordinal);

        Directory.CreateDirectory(Path.Combine(folder.Path, "mine"));
        await File.WriteAllTextAsync(Path.Combine(folder.Path, "mine", "fedqueue.db"), "This is a text, and no database of a run, however long it may be made.");
        Assert.Contains("fedqueue.db cannot be used", await Refusal("history", "mine", "--out", folder.Path), StringComparison.Ordinal);
        await File.WriteAllTextAsync(Path.Combine(folder.Path, "mine", "fedqueue.db"), "");
        Assert.StartsWith("Run mine was interrupted before anything of it was stored", await Refusal("history", "mine", "--out", folder.Path), StringComparison.Ordinal);
        Assert.Equal("No run was ever asked for.", await Answer(0, "list", "--out", folder.Path));
    }

    private static async Task<string> Answer(int status, params string[] arguments)
    {
        await using var program = RunningProgram.FedQueue(["run", .. arguments]);
        Assert.True(await program.Exit() == status, program.Output + program.Error);
        return program.Output.TrimEnd();
    }

    private static async Task<string> Refusal(params string[] arguments)
    {
        await using var program = RunningProgram.FedQueue(["run", .. arguments]);
        Assert.Equal(2, await program.Exit());
        Assert.Equal("", program.Output);
        return Assert.Single(program.Error.TrimEnd().Split('\n'));
    }

    /// <summary>Answers one path, as often as it is asked.</summary>
    private sealed class StubServer : IDisposable
    {
        private readonly HttpListener listener = new();
        private readonly Task serving;

        public StubServer(string path, int status, string type, string body)
        {
            Address = $"http://127.0.0.1:{Network.FreePort()}";
            listener.Prefixes.Add($"{Address}/");
            listener.Start();
            serving = Serve(path, status, type, Encoding.UTF8.GetBytes(body));
        }

        public string Address { get; }

        public void Dispose()
        {
            listener.Close();
            serving.GetAwaiter().GetResult();
        }

        private async Task Serve(string path, int status, string type, byte[] body)
        {
            try
            {
                while (true)
                {
                    var request = await listener.GetContextAsync();
                    var known = request.Request.Url!.AbsolutePath == path;
                    request.Response.StatusCode = known ? status : 418;
                    request.Response.ContentType = type;
                    await request.Response.OutputStream.WriteAsync(body);
                    request.Response.Close();
                }
            }
            catch (Exception exception) when (exception is HttpListenerException or ObjectDisposedException)
            {
                // Closed with the test.
            }
        }
    }
}
