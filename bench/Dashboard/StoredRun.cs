using System.Diagnostics;
using FedQueue.Aggregator;
using FedQueue.Aggregator.Rounds;
using FedQueue.Aggregator.Storage;
using FedQueue.Bench.Rounds;
using FedQueue.Contracts;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace FedQueue.Bench.Dashboard;

/// <summary>Fills a database with a run and opens its page.</summary>
internal static class StoredRun
{
    public static async Task<int> Measure(int participants, int rounds, int repeats)
    {
        var folder = Directory.CreateTempSubdirectory("fedqueue-dashboard-");
        try
        {
            var settings = new Dictionary<string, string?>
            {
                ["FedQueue:Transport"] = "InMemory",
                ["FedQueue:Storage:Database"] = Path.Combine(folder.FullName, "fedqueue.db"),
            };
            await Fill(settings, participants, rounds);

            await using var aggregator = await AggregatorProcess.Start(settings);
            await using var chromium = await Chromium.Start();
            List<double> seconds = [];
            for (var i = 0; i < repeats; i++)
            {
                var page = await chromium.NewPage();
                var watch = Stopwatch.StartNew();
                await page.GotoAsync($"{aggregator.Url}/runs/stored");
                await page.Locator(".fq-chart .rz-line-series").First.WaitForAsync();
                await page.Locator(".fq-participants tbody tr").Nth(19).WaitForAsync();
                seconds.Add(watch.Elapsed.TotalSeconds);
                await page.Context.CloseAsync();
            }

            Console.WriteLine($"{participants} participants, {rounds} rounds stored; page opened, chart and first 20 participants seen after "
                + $"{seconds[0]:0.00} s the first time after the start, then {seconds.Skip(1).Order().ElementAt((repeats - 1) / 2):0.00} s (median), at most {seconds.Skip(1).Max():0.00} s");
            return 0;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task Fill(Dictionary<string, string?> settings, int participants, int rounds)
    {
        await using var services = new ServiceCollection()
            .AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(settings).Build())
            .AddLogging().AddAggregator().BuildServiceProvider();
        await AggregatorRegistration.PrepareStorage(services);
        await using var scope = services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<FedQueueDbContext>();

        var names = Enumerable.Range(1, participants).Select(number => $"participant_{number:0000}").ToList();
        var start = db.Now - TimeSpan.FromMinutes(rounds);
        var run = RunRow.For(new StartRun { RunId = "stored", Plan = new RunPlan { Rounds = rounds } }, start);
        (run.Status, run.StartedAt, run.EndedAt, run.Round, run.Participants) = (RunStatus.Completed, start, db.Now, rounds, names);
        db.Runs.Add(run);
        for (var round = 1; round <= rounds; round++)
        {
            var opened = start + TimeSpan.FromMinutes(round - 1);
            db.Rounds.Add(new RoundState
            {
                CorrelationId = RoundIdentity.Of("stored", round),
                CurrentState = nameof(RoundStateMachine.Completed),
                RunId = "stored",
                Round = round,
                Goal = participants,
                Minimum = participants,
                Participants = names,
                Submitted = names,
                OpenedAt = opened,
                ClosesAt = opened + TimeSpan.FromMinutes(10),
                ClosedAt = opened + TimeSpan.FromSeconds(50),
            });
            db.Models.Add(ModelRow.For("stored", round, new byte[5_409 * sizeof(float)]));
            foreach (var (name, index) in names.Select((name, index) => (name, index)))
            {
                db.Submissions.Add(new SubmissionRow
                {
                    RunId = "stored",
                    Round = round,
                    Participant = name,
                    RoundId = RoundIdentity.Of("stored", round),
                    WorkerId = $"worker-{index}",
                    ReceivedAt = opened + TimeSpan.FromSeconds(40),
                    SampleCount = 950,
                    HeldOutWindows = 240,
                    GlobalMse = 1_000.0 / round + index % 7,
                    GlobalMae = 30.0 / round,
                    LocalMse = 900.0 / round,
                    LocalMae = 28.0 / round,
                    TrainingSeconds = 1.5,
                });
                db.Note("stored", round, EventKind.Submitted, name, "950 windows.");
            }

            await db.SaveChangesAsync();
            db.ChangeTracker.Clear();
        }
    }
}
