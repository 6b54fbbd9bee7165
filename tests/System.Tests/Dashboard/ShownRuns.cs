using FedQueue.Aggregator;
using FedQueue.Aggregator.Rounds;
using FedQueue.Aggregator.Storage;
using FedQueue.Contracts;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace FedQueue.System.Tests.Dashboard;

/// <summary>Runs of every kind, as an aggregator leaves them in its database: what a page has to find room for.</summary>
internal static class ShownRuns
{
    /// <summary>Five participants, of whom the third has no model of its own yet.</summary>
    public const string Completed = "completed";

    /// <summary>The longest names that there can be, fifty participants, answers in quarantine.</summary>
    public static readonly string Large = "run-" + new string('l', 60);

    private const int Rounds = 3;
    private const int Windows = 240;

    private static readonly string Sentence = string.Join(" ", Enumerable.Repeat("The answer has a number that is not finite.", 9)) + " No more.";

    /// <summary>All runs, and when each was asked for a minute after the one before.</summary>
    public static async Task Fill(string database)
    {
        await using var services = new ServiceCollection()
            .AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection([new("FedQueue:Storage:Database", database)]).Build())
            .AddLogging().AddAggregator().BuildServiceProvider();
        await AggregatorRegistration.PrepareStorage(services);
        await using var scope = services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<FedQueueDbContext>();
        Add(db, Completed, RunStatus.Completed, [.. Enumerable.Range(1, 5).Select(number => $"task_{number}")]);
        Add(db, Large, RunStatus.Completed, [.. Enumerable.Range(1, 50).Select(number => $"participant-{number:00}-" + new string('p', 49))]);
        Add(db, "failed", RunStatus.Failed, ["task_1", "task_2"], Sentence);
        Add(db, "cancelled", RunStatus.Cancelled, ["task_1", "task_2"], "It was cancelled by a person.");
        Add(db, "running", RunStatus.Running, ["task_1", "task_2"]);
        Add(db, "waiting", RunStatus.Waiting, []);
        await db.SaveChangesAsync();
    }

    private static void Add(FedQueueDbContext db, string id, RunStatus status, List<string> names, string? reason = null)
    {
        var start = db.Now - TimeSpan.FromMinutes(30) + TimeSpan.FromMinutes(db.Runs.Local.Count);
        var run = RunRow.For(new StartRun { RunId = id, Plan = new RunPlan { Rounds = Rounds, CompareLocal = true } }, start);
        (run.Status, run.Participants, run.Reason) = (status, names, reason);
        db.Runs.Add(run);
        Note(null, EventKind.RunCreated, null, "Seed 1, 3 rounds of 100 epochs.");
        if (status is RunStatus.Waiting)
            return;

        run.StartedAt = start;
        run.EndedAt = run.HasEnded ? start + TimeSpan.FromMinutes(5) : null;
        run.Round = status is RunStatus.Completed ? Rounds + 1 : Rounds - 1;
        for (var round = 1; round <= run.Round; round++)
            AddRound(round);
        if (status is RunStatus.Completed)
            Compare();

        void AddRound(int round)
        {
            var opened = start + TimeSpan.FromMinutes(round - 1);
            var closed = round < run.Round || run.HasEnded;
            var evaluates = round > Rounds;
            db.Rounds.Add(new RoundState
            {
                CorrelationId = RoundIdentity.Of(id, round),
                CurrentState = closed ? nameof(RoundStateMachine.Completed) : nameof(RoundStateMachine.Collecting),
                RunId = id,
                Round = round,
                EvaluateOnly = evaluates,
                Goal = names.Count,
                Minimum = names.Count,
                Participants = names,
                Submitted = closed ? names : [],
                OpenedAt = opened,
                ClosesAt = closed ? opened + TimeSpan.FromMinutes(10) : db.Now + TimeSpan.FromHours(1),
                ClosedAt = closed ? opened + TimeSpan.FromSeconds(50) : null,
            });
            Note(round, EventKind.RoundOpened, null, $"For {string.Join(", ", names)}.");
            if (!evaluates)
                db.Models.Add(ModelRow.For(id, round, new byte[4 * sizeof(float)]));
            if (!closed)
                return;
            foreach (var (index, name) in names.Index())
            {
                db.Submissions.Add(Answer(round, index, name, opened));
                Note(round, evaluates ? EventKind.Evaluated : EventKind.Submitted, name, "950 windows.");
            }
        }

        SubmissionRow Answer(int round, int index, string name, DateTimeOffset opened) => new()
        {
            RunId = id,
            Round = round,
            Participant = name,
            RoundId = RoundIdentity.Of(id, round),
            WorkerId = "worker-" + name,
            ReceivedAt = opened,
            SampleCount = round > Rounds ? 0 : 950,
            HeldOutWindows = Windows,
            GlobalMse = 900.0 / round + index,
            GlobalMae = 30.0 / round,
            LocalMse = 800.0 / round,
            LocalMae = 28.0 / round,
            TrainingSeconds = 1.5,
        };

        void Compare()
        {
            foreach (var (index, name) in names.Index())
            {
                db.Baselines.Add(new BaselineRow
                {
                    RunId = id,
                    Participant = name,
                    HeldOutWindows = Windows,
                    RepeatLast = Error(220 + 30 * index),
                    Mean = Error(id == Large ? 1e13 : 700),
                    Local = index == 2 ? null : Error(250),
                });
                var actual = Enumerable.Range(0, Windows).Select(window => 50 + 30 * float.Sin(window / 9f + index)).ToArray();
                db.Forecasts.Add(new ForecastRow
                {
                    RunId = id,
                    Participant = name,
                    Round = Rounds,
                    Actual = WeightBytes.From(actual),
                    Predicted = WeightBytes.From([.. actual.Select(value => 0.9f * value + 4)]),
                });
            }

            db.Quarantine.Add(new QuarantineRow
            {
                Id = id,
                RunId = id,
                Round = 1,
                Participant = names[0],
                WorkerId = "worker-" + names[0],
                ReceivedAt = start,
                Reason = Sentence,
                SampleCount = 950,
                WeightBytes = 21_636,
            });
            Note(Rounds + 1, EventKind.Quarantined, names[0], Sentence);
            Note(null, EventKind.RunCompleted, null, "SHA-256 of nothing.");
        }

        void Note(int? round, string kind, string? participant, string text) =>
            db.Events.Add(new EventRow { RunId = id, Round = round, At = start, Kind = kind, Participant = participant, Text = text });

        static HeldOutError Error(double mse) => new() { WindowCount = Windows, MeanSquaredError = mse, MeanAbsoluteError = Math.Sqrt(mse) };
    }
}
