using System.Collections.Concurrent;
using FedQueue.Contracts;
using FedQueue.Worker.Data;
using FedQueue.Worker.Training;

namespace FedQueue.Cli.Simulation.Comparisons;

/// <summary>
/// Trains what a federation is compared with, from the same initial weights and for as many epochs as all its rounds have. Only a
/// simulation can: it has everybody's data.
/// </summary>
internal sealed class ComparisonTraining(RunPlan plan, ITrainer trainer)
{
    private int epochsDone;

    /// <summary>Epochs finished so far, of all models.</summary>
    public int EpochsDone => epochsDone;

    /// <summary>Each participant's own model, on as many threads as there are processors.</summary>
    /// <exception cref="TrainingException">The loss of one is no longer finite.</exception>
    public async Task<IReadOnlyDictionary<string, HeldOutError>> Local(IReadOnlyDictionary<string, ParticipantWindows> windows, CancellationToken cancellationToken)
    {
        var errors = new ConcurrentDictionary<string, HeldOutError>();
        await Parallel.ForEachAsync(windows, cancellationToken, async (own, stop) =>
        {
            var weights = await TrainingThreads.Run(() => Train(own.Value, SeparateModel.Local(own.Key), stop));
            errors[own.Key] = ErrorOf(own.Value, weights);
        });
        return errors;
    }

    /// <summary>One model of everybody's windows, each scaled as its participant scales.</summary>
    /// <exception cref="TrainingException">The loss is no longer finite.</exception>
    public async Task<IReadOnlyDictionary<string, HeldOutError>> Central(IReadOnlyDictionary<string, ParticipantWindows> windows, CancellationToken cancellationToken)
    {
        var all = ParticipantWindows.Together([.. windows.OrderBy(own => own.Key, StringComparer.Ordinal).Select(own => own.Value)]);
        var weights = await TrainingThreads.Run(() => Train(all, "central", cancellationToken));
        return windows.ToDictionary(own => own.Key, own => ErrorOf(own.Value, weights));
    }

    private float[] Train(ParticipantWindows windows, string purpose, CancellationToken cancellationToken) => SeparateModel.Train(
        trainer, plan.Model(), plan.Training, plan.Rounds, plan.Seed, windows, purpose, (_, _) => Interlocked.Increment(ref epochsDone), cancellationToken);

    private HeldOutError ErrorOf(ParticipantWindows windows, float[] weights) =>
        windows.ErrorOf(trainer.Predict(plan.Model(), weights, windows.HeldOutInputs, windows.Window));
}
