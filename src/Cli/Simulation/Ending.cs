using FedQueue.Aggregator.Runs;
using FedQueue.Cli.Simulation.Comparisons;
using FedQueue.Cli.Simulation.Reports;
using FedQueue.Contracts;
using FedQueue.Worker.Data;
using FedQueue.Worker.Training;

namespace FedQueue.Cli.Simulation;

/// <summary>What is done with a run that has completed.</summary>
/// <param name="Compared">What its result stands beside.</param>
/// <param name="Report">Folder of the page about it; null: none.</param>
internal sealed record Ending(Compared Compared, string? Report)
{
    private static readonly TimeSpan ProgressInterval = TimeSpan.FromSeconds(10);

    /// <summary>Whether anything is compared.</summary>
    public bool Compares => Compared is not Compared.None;

    /// <returns>What was asked for when the run began; of a run whose file cannot be read, which is said where it is needed, the default.</returns>
    public static Ending AskedFor(RunFolder folder)
    {
        try
        {
            var asked = SimulationFile.Read(folder.FullPath);
            return new(asked.Compare, asked.Report);
        }
        catch (StartupException)
        {
            return new(Compared.Local, null);
        }
    }

    private bool WithCentral => Compared is Compared.Central;

    /// <summary>Trains what the run is compared with, and shows the comparison.</summary>
    /// <param name="run">The completed run.</param>
    /// <param name="files">Each participant's file.</param>
    /// <param name="trainers">The engine of the run is one of them.</param>
    /// <param name="view">Where it is shown.</param>
    /// <param name="interrupted">Ctrl+C leaves it out: nothing of the run depends on it.</param>
    /// <returns>Null when it was left out or could not be made, which was said then.</returns>
    public async Task<RunComparison?> Compare(
        RunSummary run, IReadOnlyDictionary<string, string> files, Trainers trainers, RunView view, CancellationToken interrupted)
    {
        if (!Compares)
            return null;

        var (plan, epochs) = (run.Plan, run.Plan.Rounds * run.Plan.Training.Epochs);
        view.SayAside("");
        view.SayAside($"Training {(WithCentral ? "one model of all data, and " : "")}each participant's own model for {epochs:N0} epochs, to compare; Ctrl+C or --compare none leaves it out.");

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(interrupted);
        try
        {
            var windows = files.ToDictionary(own => own.Key, own => ParticipantWindows.From(ParticipantFile.Read(own.Value, plan.Columns)));
            var training = new ComparisonTraining(plan, trainers.For(plan.Training.Engine));
            var comparing = Train(training, run, windows, stop.Token);
            while (await Task.WhenAny(comparing, Task.Delay(ProgressInterval, CancellationToken.None)) != comparing)
                view.SayAside($"  {training.EpochsDone:N0} epochs of {(windows.Count + (WithCentral ? 1 : 0)) * (long)epochs:N0}");

            var comparison = await comparing;
            view.ShowComparison(comparison, plan.Columns.Target);
            return comparison;
        }
        catch (OperationCanceledException) when (interrupted.IsCancellationRequested)
        {
            view.SayLast("The comparison was left out; the run itself is complete.");
        }
        catch (Exception exception) when (exception is TrainingException or DataException)
        {
            view.SayLast($"There is no comparison: {exception.Message}");
        }
        finally
        {
            // Nobody may watch any more.
            await stop.CancelAsync();
        }

        return null;
    }

    /// <summary>Writes the page, if one is wanted; only then are the forecasts read.</summary>
    /// <returns>False when it could not be written, which was said then.</returns>
    public async Task<bool> Write(RunSummary run, RunComparison? comparison, Func<Task<IReadOnlyList<RunForecast>>> forecasts, RunView view)
    {
        try
        {
            if (Report is not null)
                view.SayLast($"Report: {RunReportFile.Write(Report, run, comparison, await forecasts())}");
            return true;
        }
        catch (StartupException exception)
        {
            view.SayLast(exception.Message);
            return false;
        }
    }

    private async Task<RunComparison> Train(
        ComparisonTraining training, RunSummary run, IReadOnlyDictionary<string, ParticipantWindows> windows, CancellationToken stop)
    {
        var local = await training.Local(windows, stop);
        var central = WithCentral ? await training.Central(windows, stop) : null;
        var federated = run.Models[^1].Participants.ToDictionary(
            p => p.Name, p => new HeldOutError { WindowCount = p.Windows, MeanSquaredError = p.Mse, MeanAbsoluteError = p.Mae });
        return RunComparison.Of(run.Plan, federated, local, Errors(Baselines.RepeatLastOf), Errors(Baselines.MeanOf), central);

        Dictionary<string, HeldOutError> Errors(Func<ParticipantWindows, HeldOutError?> of) => windows
            .Select(own => (own.Key, Error: of(own.Value))).Where(own => own.Error is not null).ToDictionary(own => own.Key, own => own.Error!);
    }
}
