using System.Diagnostics;
using FedQueue.Aggregator.Runs;
using FedQueue.Aggregator.Storage;
using FedQueue.Cli.Runs;
using FedQueue.Contracts;
using FedQueue.Worker;
using FedQueue.Worker.Data;
using FedQueue.Worker.Training;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace FedQueue.Cli.Simulation;

/// <summary>A run that began in an earlier process; its plan is in its database.</summary>
internal static class ResumedRun
{
    /// <param name="folder">The run's.</param>
    /// <param name="directory">Folder of the data; null: where it was when the run began.</param>
    /// <param name="ending">What is done with a run that has completed.</param>
    /// <param name="shown">Where and how much.</param>
    /// <param name="cancellationToken">Ctrl+C.</param>
    /// <exception cref="DataException">The data is not what the run began with.</exception>
    /// <exception cref="StartupException">The run's folder lacks something, or another process has it.</exception>
    public static async Task<int> GoOn(RunFolder folder, string? directory, Ending ending, Shown shown, CancellationToken cancellationToken)
    {
        StartRun run;
        await using (var database = LocalDatabase.Open(folder.Database))
        {
            await database.BringUpToDate();
            var summary = await database.Read(db => RunSummary.Load(db, folder.RunId, cancellationToken), cancellationToken) ?? throw folder.NotStored();
            if (summary.EndedAt is not null)
                return await ShowAgain(database, summary, folder, directory, ending, shown, cancellationToken);

            var row = await database.Db.Runs.AsNoTracking().SingleAsync(r => r.Id == folder.RunId, cancellationToken);
            run = new StartRun { RunId = row.Id, Plan = row.Plan() };
            if (PlanCheck.ProblemOf(run) is { } problem)
                throw new StartupException($"The plan of run {row.Id} in {folder.Database} was altered: {problem} Put the database back as it was, or start a new run.");
        }

        var (file, data) = Data(folder, directory);
        await using var simulation = new Simulation(model: Task.CompletedTask, run, file, data, folder, ending, shown);
        return await simulation.GoOn(cancellationToken);
    }

    /// <summary>Shows a run that has ended, and does what its process did not come to: the comparison and the report.</summary>
    private static async Task<int> ShowAgain(
        LocalDatabase database, RunSummary run, RunFolder folder, string? directory, Ending ending, Shown shown, CancellationToken cancellationToken)
    {
        var started = Stopwatch.StartNew();
        var model = database.Storage.ModelPath(folder.RunId);
        using var view = new LineView(shown.Json ? Console.Error : Console.Out, TimeProvider.System);
        view.Say($"Run {run.Id} has ended before; nothing of it is left to do.");
        view.ShowEnd(run, model);

        RunComparison? comparison = null;
        var status = run.Reason is null ? ExitStatus.Done : ExitStatus.Failed;
        if (run.Reason is null)
        {
            comparison = await Compare();
            if (!await ending.Write(run, comparison, () => RunForecast.LoadAll(database.Db, run.Id, CancellationToken.None), view))
                status = ExitStatus.Failed;
        }

        if (shown.Json)
            Console.Out.WriteLine(ResultJson.Of(run, run.Participants.Count, started.Elapsed, model, comparison));
        return status;

        async Task<RunComparison?> Compare()
        {
            if (!ending.Compares)
                return null;

            try
            {
                var (file, data) = Data(folder, directory);
                await using var services = new ServiceCollection().AddTrainers().BuildServiceProvider();
                return await ending.Compare(run, file.PathsIn(data), services.GetRequiredService<Trainers>(), view, cancellationToken);
            }
            catch (Exception exception) when (exception is DataException or StartupException)
            {
                // The run itself needs its data no more.
                view.SayLast($"There is no comparison: {exception.Message}");
                return null;
            }
        }
    }

    /// <summary>What the run trains on and where that is, unchanged.</summary>
    private static (SimulationFile File, string Directory) Data(RunFolder folder, string? directory)
    {
        var file = SimulationFile.Read(folder.FullPath);
        directory ??= file.Data;
        file.RequireUnchanged(directory);
        return (file, directory);
    }
}
