using System.Diagnostics;
using FedQueue.Aggregator;
using FedQueue.Aggregator.Runs;
using FedQueue.Aggregator.Storage;
using FedQueue.Cli.Runs;
using FedQueue.Cli.Simulation.Comparisons;
using FedQueue.Contracts;
using FedQueue.Worker.Training;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace FedQueue.Cli.Simulation;

/// <summary>
/// One federation in one process, and somebody who watches. The host is built from when it is made, while the caller may do other things; nothing is
/// written before it is started.
/// </summary>
/// <param name="model">See <see cref="LocalDatabase.MakeModel"/>.</param>
/// <param name="run">What is trained.</param>
/// <param name="file">On which data.</param>
/// <param name="dataDirectory">Where the data is now.</param>
/// <param name="folder">Where all that is known of the run is kept.</param>
/// <param name="ending">What is done with a run that has completed.</param>
/// <param name="shown">Where and how much.</param>
/// <param name="register">Last changes to what the host consists of; null: none.</param>
/// <exception cref="StartupException">This system cannot load libtorch, which the run needs.</exception>
internal sealed class Simulation(Task model, StartRun run, SimulationFile file, string dataDirectory, RunFolder folder, Ending ending, Shown shown, Action<IServiceCollection>? register = null)
    : IAsyncDisposable
{
    private readonly Stopwatch started = Stopwatch.StartNew();
    private readonly IReadOnlyList<string> participants = [.. file.Participants.Select(p => p.Participant)];
    private readonly ITrainer trainer = TrainerOf(run.Plan.Training.Engine);

    private readonly Task<IHost> building = Task.Run(() => SimulationHost.Build(folder, dataDirectory, run.Plan, [.. file.Participants.Select(p => p.Participant)], register));
    private Task loading = Task.CompletedTask;

    /// <summary>Starts the run.</summary>
    /// <param name="notes">What is odd about the data.</param>
    /// <param name="interrupted">Ctrl+C.</param>
    /// <returns>The exit status.</returns>
    /// <exception cref="StartupException">The run's folder cannot be used.</exception>
    /// <exception cref="RunStoppedException">Something of the process broke; what is stored of the run can go on.</exception>
    public Task<int> Begin(IReadOnlyList<string> notes, CancellationToken interrupted) => Run(_ =>
    {
        file.Write(folder.FullPath);
        return Task.FromResult<RunStanding?>(null);
    }, notes, interrupted);

    /// <summary>Goes on with a run that is stored and has not ended.</summary>
    /// <inheritdoc cref="Begin"/>
    public Task<int> GoOn(CancellationToken interrupted) => Run(host => InDatabase(host, async db =>
    {
        await Recovery.LetGo(db, interrupted);
        return await RunStanding.Load(db, run.RunId, interrupted);
    }), [], interrupted);

    public async ValueTask DisposeAsync()
    {
        try
        {
            await Task.WhenAny(model);
            if (await Task.WhenAny(building) is { IsCompletedSuccessfully: true } built)
                (await built).Dispose();
        }
        finally
        {
            // A process that ended in the midst of loading libtorch would crash. Should it have failed, the training has too, and said why.
            await Task.WhenAny(loading);
        }
    }

    private async Task<int> Run(Func<IHost, Task<RunStanding?>> prepare, IReadOnlyList<string> notes, CancellationToken interrupted)
    {
        var host = await building;
        var bus = Task.Run(() => host.Services.GetRequiredService<IBusControl>(), CancellationToken.None);
        loading = Task.Run(() => WarmUp.Of(trainer), CancellationToken.None);
        folder.Make();
        await Task.WhenAll(bus, Startup.Check(host.Services, services => AggregatorRegistration.PrepareStorage(services, model)));
        var resumed = await prepare(host);
        try
        {
            await host.StartAsync(CancellationToken.None);
        }
        catch (Exception exception)
        {
            throw await Stopped(host, exception);
        }

        return await Show(host, resumed, notes, interrupted);
    }

    private static ITrainer TrainerOf(string engine)
    {
        if (Engine.Choose(engine).Engine != Engine.Torch)
            return new SimdTrainer();
        return TorchLibrary.Problem() is { } problem ? throw new StartupException(problem) : new TorchTrainer();
    }

    private async Task<int> Show(IHost host, RunStanding? resumed, IReadOnlyList<string> notes, CancellationToken interrupted)
    {
        try
        {
            using var view = RunView.For(run, participants, resumed, shown);
            foreach (var note in notes)
                view.Warn($"  note: {note}");
            var ended = await Watch(host, view, begin: resumed is null, interrupted);
            await host.StopAsync(CancellationToken.None);
            return ended ? await ShowEnd(host, view, interrupted) : await ShowInterruption(host, view);
        }
        catch (OutputException exception)
        {
            // Nobody watches any more, or the disk is full: the run stops as it does at Ctrl+C, and can go on.
            await host.StopAsync(CancellationToken.None);
            Console.Error.WriteLine($"{exception.Sentence}. {await Where(host)}");
            return exception.ExitStatus;
        }
    }

    /// <summary>Shows what happens until the run has ended.</summary>
    /// <returns>False when it was interrupted before that.</returns>
    private async Task<bool> Watch(IHost host, RunView view, bool begin, CancellationToken interrupted)
    {
        var (feed, bus) = (host.Services.GetRequiredService<RunFeed>(), host.Services.GetRequiredService<IBus>());
        using var stopping = host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.Register(() => feed.Add(new HostStopping()));
        ModelSummary? initial = null;
        try
        {
            interrupted.ThrowIfCancellationRequested();
            if (begin)
                await bus.Publish(run, CancellationToken.None);

            using var seconds = feed.TickEverySecond();
            await foreach (var message in feed.ReadAll(interrupted))
            {
                switch (message)
                {
                    case TrainingProgressed progress:
                        view.Progress(progress);
                        break;
                    case RoundCompleted completed:
                        initial ??= await Model(0);
                        view.RoundDone(completed.Round == 1 ? initial : await Model(completed.Round - 1), initial, run.Plan);
                        break;
                    case HostStopping:
                        throw await Stopped(host, null);
                    case RunCompleted or RunFailed or RunCancelled:
                        return true;
                    case Tick when await InDatabase(host, db => RunStanding.Load(db, run.RunId, interrupted)) is { } standing:
                        if (standing.HasEnded)
                            return true;
                        view.Waiting(standing.Sentence!, standing.Awaited);
                        break;
                }
            }
        }
        catch (OperationCanceledException) when (interrupted.IsCancellationRequested)
        {
            // What to do next is said once nothing is written any more.
        }

        return false;

        async Task<ModelSummary> Model(int round) => (await InDatabase(host, db => ModelSummary.Load(db, run.RunId, round, interrupted))).Single();
    }

    /// <summary>Ends a host that broke, so that nothing waits for it.</summary>
    private async Task<RunStoppedException> Stopped(IHost host, Exception? thrown)
    {
        await host.StopAsync(CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var cause = thrown ?? host.Services.GetServices<IHostedService>().OfType<BackgroundService>().Select(service => service.ExecuteTask?.Exception).FirstOrDefault(e => e is not null);
        return new($"The simulation stopped by itself: {cause?.GetBaseException().Message.TrimEnd('.') ?? "its host was told to stop"}. {await Where(host)}");
    }

    private async Task<int> ShowEnd(IHost host, RunView view, CancellationToken interrupted)
    {
        var summary = await InDatabase(host, db => RunSummary.Load(db, run.RunId, CancellationToken.None))
            ?? throw new InvalidOperationException($"Run {run.RunId} is not in {folder.Database}.");
        var model = host.Services.GetRequiredService<IOptions<StorageOptions>>().Value.ModelPath(run.RunId);
        var elapsed = started.Elapsed;
        view.ShowEnd(summary, model);
        if (summary.Reason is not null)
            return Result(comparison: null, ExitStatus.Failed);

        var comparison = await ending.Compare(summary, file.PathsIn(dataDirectory), host.Services.GetRequiredService<Trainers>(), view, interrupted);
        if (comparison?.Local is { } local)
            await InDatabase(host, async db =>
            {
                await BaselineRow.KeepLocal(db, run.RunId, local.Participants, CancellationToken.None);
                return 0;
            });
        var written = await ending.Write(summary, comparison, () => InDatabase(host, db => RunForecast.LoadAll(db, run.RunId, CancellationToken.None)), view);
        return Result(comparison, written ? ExitStatus.Done : ExitStatus.Failed);

        int Result(RunComparison? comparison, int status)
        {
            if (shown.Json)
                Console.Out.WriteLine(ResultJson.Of(summary, participants.Count, elapsed, model, comparison));
            return status;
        }
    }

    private async Task<int> ShowInterruption(IHost host, RunView view)
    {
        var sentence = await Where(host);
        view.SayLast(sentence);
        if (shown.Json)
            Console.Out.WriteLine(new ResultJson
            {
                Run = run.RunId,
                Status = "interrupted",
                Reason = sentence,
                Rounds = run.Plan.Rounds,
                Participants = participants.Count,
                Seconds = Math.Round(started.Elapsed.TotalSeconds, 3),
            });
        return ExitStatus.Interrupted;
    }

    /// <summary>Where the run is, and the command to go on with it.</summary>
    private async Task<string> Where(IHost host) => await InDatabase(host, db => RunStanding.Load(db, run.RunId, CancellationToken.None)) switch
    {
        null => "Interrupted before anything of the run was stored; start it anew.",
        { HasEnded: true } => $"The run has ended. To see its result: {folder.HowToGoOn}",
        var standing => $"Interrupted in {standing.Place(run.Plan.Rounds)}. To go on: {folder.HowToGoOn}",
    };

    private static async Task<T> InDatabase<T>(IHost host, Func<FedQueueDbContext, Task<T>> read)
    {
        await using var scope = host.Services.CreateAsyncScope();
        return await read(scope.ServiceProvider.GetRequiredService<FedQueueDbContext>());
    }
}
