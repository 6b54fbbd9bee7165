using System.Data.Common;
using System.Diagnostics;
using System.Text.Json;
using FedQueue.Contracts;

namespace FedQueue.Reliability.Kills;

/// <summary>Has runs trained one after the other, kills at random instants what trains them, and measures what became of them.</summary>
internal sealed class KillProgram : IAsyncDisposable
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan PauseAfterExit = TimeSpan.FromSeconds(1);

    private readonly KillSettings settings;
    private readonly TextWriter log;
    private readonly TextWriter journal;
    private readonly Federation federation;
    private readonly Random random;
    private readonly Stopwatch watch = Stopwatch.StartNew();
    private readonly CancellationTokenSource end = new();

    /// <summary>Of each victim its last start, which may still lie ahead.</summary>
    private readonly Dictionary<IVictim, Task> starts = [];

    private readonly List<Kill> kills = [];
    private readonly List<RunHistory> runs = [];
    private readonly List<string> exits = [];
    private int stroke;

    private KillProgram(KillSettings settings, TextWriter log)
    {
        (this.settings, this.log, random) = (settings, log, new Random(settings.Seed));
        journal = settings.Journal is null ? TextWriter.Null : TextWriter.Synchronized(new StreamWriter(settings.Journal) { AutoFlush = true });
        federation = new Federation(settings, journal);
    }

    public static async Task<KillResult> Run(KillSettings settings, TextWriter log, CancellationToken cancellationToken)
    {
        await using var program = new KillProgram(settings, log);
        await using var registration = cancellationToken.Register(program.end.Cancel);
        try
        {
            return await program.Run();
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            await program.LogTails();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await end.CancelAsync();
        foreach (var start in starts.Values)
            await start.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await federation.DisposeAsync();
        await journal.DisposeAsync();
        end.Dispose();
    }

    private async Task<KillResult> Run()
    {
        var expected = await Sha256OfSimulation();
        Say($"undisturbed SHA-256 {expected}");

        foreach (var victim in federation.All)
            starts[victim] = Task.CompletedTask;
        await Task.WhenAll(federation.Containers.Select(container => container.Start(end.Token)));
        await Task.WhenAll(federation.Workers.Select(worker => worker.Start(end.Token)));

        do
        {
            var run = await Train($"chaos-{runs.Count + 1}");
            runs.Add(run);
            Say($"{run.RunId} {run.Status?.ToString() ?? "unknown"}, SHA-256 {(run.WeightsSha256 == expected ? "equal" : $"{run.WeightsSha256}")}");
            if (run.WeightsSha256 != expected)
                await LogTails();
        }
        while (kills.Count < settings.Kills && runs[^1].HasEnded);

        return new KillResult
        {
            Settings = settings,
            ExpectedSha256 = expected,
            Elapsed = watch.Elapsed,
            Kills = kills,
            Runs = runs,
            Trainings = federation.Beginnings.Count,
            Repeats = Repeats.Among(federation.Beginnings, runs.SelectMany(run => run.Submissions)),
            LongestStall = Stall.Longest(kills, runs.SelectMany(run => run.Progress)),
            Exits = exits,
        };
    }

    /// <summary>Returns when the run has ended, or with what there is of it when it gets on no more.</summary>
    private async Task<RunHistory> Train(string runId)
    {
        await AskFor(runId);
        var history = new RunHistory(runId, null, 0, null, null, [], []);
        var (asked, nextStroke) = (DateTimeOffset.UtcNow, DateTimeOffset.UtcNow + Pause(3));

        while (true)
        {
            await Task.Delay(LookInterval, end.Token);
            await StartWhatEndedUnasked();
            history = await Look(runId) ?? history;

            var idle = DateTimeOffset.UtcNow - history.Progress.Append(asked).Max();
            if (history.HasEnded || idle > Hang.Limit)
                return history;
            if (DateTimeOffset.UtcNow < nextStroke || idle > settings.Patience || kills.Count >= settings.Kills)
                continue;

            await Strike(history);
            nextStroke = DateTimeOffset.UtcNow + Pause(3);
        }
    }

    /// <summary>A service asks for its run when it starts. These deaths are not counted: nothing is being trained.</summary>
    private async Task AskFor(string runId)
    {
        if (runs.Count > 0)
            await Task.Delay(Pause(1), end.Token);
        federation.RunId = runId;
        foreach (var aggregator in federation.Aggregators)
        {
            await starts[aggregator];
            if (aggregator.IsUp)
                await aggregator.Kill();
            await aggregator.Start(end.Token);
        }
    }

    private async Task Strike(RunHistory run)
    {
        var victims = Victims();
        var now = DateTimeOffset.UtcNow;
        stroke++;
        await Task.WhenAll(victims.Select(victim => victim.Kill()));
        foreach (var victim in victims)
        {
            kills.Add(new Kill(stroke, now, victim.Kind, victim.Name));
            starts[victim] = StartAfter(Pause(2), victim);
        }

        Say($"{kills.Count} of {settings.Kills} killed: {string.Join(", ", victims.Select(victim => victim.Name))} ({run.RunId}, round {run.Round})");

        // Without broker or database nothing can get on, and a kill then would tell nothing.
        if (!victims.OfType<Container>().Any())
            return;
        await Task.WhenAll(victims.OfType<Container>().Select(container => starts[container]));
        var answered = DateTimeOffset.UtcNow;
        for (var i = kills.Count - victims.Count; i < kills.Count; i++)
            kills[i] = kills[i] with { PossibleFrom = answered };
    }

    /// <summary>One in four times several at once; broker and database less often, because their start takes so long.</summary>
    private List<IVictim> Victims()
    {
        var up = federation.All.Where(victim => starts[victim].IsCompleted && victim.IsUp).ToList();
        var wanted = random.NextDouble() switch { < 0.75 => 1, < 0.95 => 2, _ => 3 };
        List<IVictim> victims = [];
        while (up.Count > 0 && victims.Count < Math.Min(wanted, settings.Kills - kills.Count))
        {
            var kinds = up.GroupBy(victim => victim.Kind).SelectMany(kind => Enumerable.Repeat(kind.ToList(), kind.Key is "aggregator" or "worker" ? 4 : 1)).ToList();
            var kind = kinds[random.Next(kinds.Count)];
            victims.Add(kind[random.Next(kind.Count)]);
            up.Remove(victims[^1]);
        }

        return victims;
    }

    /// <summary>As a container's restart policy would; it is a defect all the same, and reported.</summary>
    private async Task StartWhatEndedUnasked()
    {
        foreach (var service in federation.Aggregators.Concat(federation.Workers).Where(service => starts[service].IsCompleted))
        {
            if (service.EndedByItself is not { } status)
                continue;

            exits.Add($"{service.Name} with status {status}: {(await service.Tail()).Split('\n')[^1]}");
            Say($"ended unasked: {exits[^1]}");
            starts[service] = StartAfter(PauseAfterExit, service);
        }
    }

    private async Task StartAfter(TimeSpan pause, IVictim victim)
    {
        await Task.Delay(pause, end.Token);
        await victim.Start(end.Token);
    }

    private async Task<RunHistory?> Look(string runId)
    {
        try
        {
            await using var connection = federation.Connect();
            return await RunHistory.Read(connection, runId, end.Token);
        }
        catch (DbException)
        {
            // Killed, or not made yet. One that stays away is a run that does not get on.
            return null;
        }
    }

    private TimeSpan Pause(double atMostSeconds) => TimeSpan.FromSeconds(random.NextDouble() * atMostSeconds);

    private async Task<string> Sha256OfSimulation()
    {
        var output = Directory.CreateTempSubdirectory("fedqueue-kills-");
        try
        {
            await using var program = RunningProgram.FedQueue(
                "simulate", "--json", "--data", Repository.Data, "--out", output.FullName,
                "--seed", $"{settings.RunSeed}", "--rounds", $"{settings.Rounds}", "--epochs", $"{settings.Epochs}", "--engine", Engine.Torch);
            if (await program.Exit() != 0)
                throw new InvalidOperationException($"The undisturbed run failed:\n{program.Error}");
            using var json = JsonDocument.Parse(program.Output.TrimEnd().Split('\n')[^1]);
            return json.RootElement.GetProperty("weightsSha256").GetString()!;
        }
        finally
        {
            output.Delete(recursive: true);
        }
    }

    private void Say(string what)
    {
        log.WriteLine($"{watch.Elapsed:h\\:mm\\:ss} {what}");
        journal.WriteLine($"{DateTime.UtcNow:HH:mm:ss.fff} *** {what}");
    }

    private async Task LogTails()
    {
        foreach (var victim in federation.All)
            log.WriteLine($"--- {victim.Name}\n{await victim.Tail()}");
    }
}
