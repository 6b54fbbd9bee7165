using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using FedQueue.Bench.Rounds;

namespace FedQueue.Bench.Dashboard;

/// <summary>Five participants train over RabbitMQ, and a browser watches. Browser and aggregator have one clock, that of the machine.</summary>
internal static class LiveRun
{
    private const string NotesRounds = """
        () => {
            window.seen = {};
            const note = () => {
                const round = document.querySelector('.fq-round')?.textContent.match(/^round (\d+) of/);
                if (round && !(round[1] in window.seen)) window.seen[round[1]] = Date.now();
            };
            new MutationObserver(note).observe(document.body, { subtree: true, childList: true, characterData: true });
        }
        """;

    public static async Task<int> Measure(int rounds)
    {
        var folder = Directory.CreateTempSubdirectory("fedqueue-dashboard-");
        await using var broker = await Broker.Open("docker", "fedqueue", "fedqueue");
        try
        {
            var settings = new Dictionary<string, string?>(broker.Settings)
            {
                ["FedQueue:Storage:Database"] = Path.Combine(folder.FullName, "fedqueue.db"),
                ["FedQueue:Worker:DataDirectory"] = Path.GetFullPath("Data"),
                ["FedQueue:Worker:Slots"] = "5",
                ["FedQueue:Worker:SharePredictions"] = "true",
            };
            await using var aggregator = await AggregatorProcess.Start(settings);
            using var workers = Process.Start(AggregatorProcess.Command("FedQueue.Worker", settings))!;
            await using var chromium = await Chromium.Start();
            using var http = new HttpClient { BaseAddress = new Uri(aggregator.Url) };
            try
            {
                await Report(http, chromium, rounds);
                return 0;
            }
            finally
            {
                workers.Kill();
                await workers.WaitForExitAsync();
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task Report(HttpClient http, Chromium chromium, int rounds)
    {
        (await http.PostAsJsonAsync("/api/runs", new { id = "live", rounds, epochs = 20, participants = 5 })).EnsureSuccessStatusCode();
        var page = await chromium.NewPage();
        await page.GotoAsync($"{http.BaseAddress}runs/live");
        await page.EvaluateAsync(NotesRounds);
        await page.Locator(".fq-head .fq-state-completed").WaitForAsync(new() { Timeout = 600_000 });

        var seen = JsonDocument.Parse(await page.EvaluateAsync<string>("() => JSON.stringify(window.seen)")).RootElement;
        var opened = (await http.GetFromJsonAsync<JsonElement>("/api/runs/live/rounds")).EnumerateArray()
            .ToDictionary(round => round.GetProperty("round").GetInt32(), round => round.GetProperty("openedAt").GetDateTimeOffset().ToUnixTimeMilliseconds());

        // The first rounds may have opened before the page was there.
        var delays = seen.EnumerateObject().Select(round => (Number: int.Parse(round.Name, System.Globalization.CultureInfo.InvariantCulture), At: round.Value.GetInt64()))
            .Where(round => round.Number > 2).Select(round => round.At - opened[round.Number]).Order().ToList();
        Console.WriteLine($"{delays.Count} of {rounds} rounds seen opening; from the event to its sight {delays[delays.Count / 2]} ms (median), "
            + $"{delays[(int)(delays.Count * 0.95)]} ms (95 of 100), at most {delays[^1]} ms");
    }
}
