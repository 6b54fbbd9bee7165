using System.Diagnostics;
using FedQueue.Aggregator.Runs;
using FedQueue.Aggregator.Storage;
using FedQueue.Cli.Runs;
using FedQueue.Contracts;
using FedQueue.Worker.Data;
using Microsoft.EntityFrameworkCore;

namespace FedQueue.Cli.Simulation;

/// <summary>A run that began in an earlier process; its plan is in its database.</summary>
internal static class ResumedRun
{
    /// <param name="folder">The run's.</param>
    /// <param name="directory">Folder of the data; null: where it was when the run began.</param>
    /// <param name="ending">What is done with a run that has completed.</param>
    /// <param name="json">Standard output is for the result alone.</param>
    /// <param name="cancellationToken">Ctrl+C.</param>
    /// <exception cref="DataException">The data is not what the run began with.</exception>
    /// <exception cref="StartupException">The run's folder lacks something, or another process has it.</exception>
    public static async Task<int> GoOn(RunFolder folder, string? directory, Ending ending, bool json, CancellationToken cancellationToken)
    {
        var started = Stopwatch.StartNew();
        StartRun run;
        await using (var database = LocalDatabase.Open(folder.Database))
        {
            await database.BringUpToDate();
            var summary = await RunSummary.Load(database.Db, folder.RunId, cancellationToken) ?? throw folder.NotStored();
            if (summary.EndedAt is not null)
                return ShowAgain(summary, database.Storage.ModelPath(folder.RunId), started, json);

            var row = await database.Db.Runs.AsNoTracking().SingleAsync(r => r.Id == folder.RunId, cancellationToken);
            run = new StartRun { RunId = row.Id, Plan = row.Plan() };
        }

        var file = SimulationFile.Read(folder.FullPath);
        directory ??= file.Data;
        file.RequireUnchanged(directory);
        return await new Simulation(run, file, directory, folder, ending, json).GoOn(cancellationToken);
    }

    private static int ShowAgain(RunSummary run, string model, Stopwatch started, bool json)
    {
        using var view = new LineView(json ? Console.Error : Console.Out, TimeProvider.System);
        view.Say($"Run {run.Id} has ended before; nothing of it is left to do.");
        view.ShowEnd(run, model);
        if (json)
            Console.Out.WriteLine(ResultJson.Of(run, run.Participants.Count, started.Elapsed, model));
        return run.Reason is null ? ExitStatus.Done : ExitStatus.Failed;
    }
}
