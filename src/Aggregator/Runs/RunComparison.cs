using FedQueue.Aggregator.Storage;
using FedQueue.Contracts;
using Microsoft.EntityFrameworkCore;

namespace FedQueue.Aggregator.Runs;

/// <summary>What the federation was good for: held-out errors of its final model beside those of what each participant can do without it.</summary>
/// <param name="Epochs">Epochs of all rounds together, for which the models beside it were trained too.</param>
/// <param name="Federated">The final global model.</param>
/// <param name="Local">Each participant's own model, trained on its rows alone; null when nobody's is known.</param>
/// <param name="RepeatLast">The last value of the window, repeated; null with horizon 0.</param>
/// <param name="Mean">The mean of each participant's training labels; null when nobody's is known.</param>
/// <param name="Central">One model trained on all data together, which only a simulation can have.</param>
public sealed record RunComparison(
    int Epochs, ComparedErrors Federated, ComparedErrors? Local, ComparedErrors? RepeatLast, ComparedErrors? Mean, ComparedErrors? Central)
{
    /// <summary>Each way to forecast for which there are errors, with its name.</summary>
    public IReadOnlyList<(string Name, ComparedErrors Errors)> Rows() =>
        [.. Known([("federated", Federated), ($"all data in one place, {Epochs:N0} epochs", Central), ($"own data alone, {Epochs:N0} epochs", Local)]), .. WithoutModel()];

    /// <summary>Forecasts that need no training.</summary>
    public IReadOnlyList<(string Name, ComparedErrors Errors)> WithoutModel() =>
        [.. Known([("repeat the last value", RepeatLast), ("mean of the training rows", Mean)])];

    /// <returns>What is known of a run that has completed; null when that is nothing, as before the end.</returns>
    internal static async Task<RunComparison?> Load(FedQueueDbContext db, RunRow run, CancellationToken cancellationToken)
    {
        if (run.Status != RunStatus.Completed)
            return null;

        var plan = run.Plan();
        var rows = await db.Baselines.AsNoTracking().Where(b => b.RunId == run.Id).ToListAsync(cancellationToken);
        var federated = await db.Submissions.AsNoTracking().Where(s => s.RunId == run.Id && s.Round == plan.Rounds + 1).Select(SubmissionRow.Facts)
            .ToDictionaryAsync(s => s.Participant, s => s.GlobalError(), cancellationToken);
        return rows.Count == 0 || federated.Count == 0
            ? null
            : Of(plan, federated, Errors(row => row.Local), Errors(row => row.RepeatLast), Errors(row => row.Mean), central: null);

        Dictionary<string, HeldOutError> Errors(Func<BaselineRow, HeldOutError?> of) =>
            rows.Where(row => of(row) is not null).ToDictionary(row => row.Participant, row => of(row)!);
    }

    /// <summary>Puts beside each other what each participant that has evaluated the final model can do.</summary>
    public static RunComparison Of(
        RunPlan plan, IReadOnlyDictionary<string, HeldOutError> federated, IReadOnlyDictionary<string, HeldOutError> local, IReadOnlyDictionary<string, HeldOutError> repeatLast,
        IReadOnlyDictionary<string, HeldOutError> mean, IReadOnlyDictionary<string, HeldOutError>? central)
    {
        return new(plan.Rounds * plan.Training.Epochs, Errors(federated)!, Errors(local), Errors(repeatLast), Errors(mean), Errors(central));

        ComparedErrors? Errors(IReadOnlyDictionary<string, HeldOutError>? known)
        {
            var own = federated.Keys.Where(name => known?.ContainsKey(name) == true).ToDictionary(name => name, name => known![name]);

            // A mean over some of them would not stand beside one over all.
            var all = own.Count == federated.Count ? HeldOutError.Weighted([.. own.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => p.Value)]) : null;
            return own.Count == 0 ? null : new(own, all?.RootMeanSquaredError());
        }
    }

    private static IEnumerable<(string Name, ComparedErrors Errors)> Known(IEnumerable<(string Name, ComparedErrors? Errors)> rows) =>
        rows.Where(row => row.Errors is not null).Select(row => (row.Name, row.Errors!));
}

/// <summary>One way to forecast.</summary>
/// <param name="Participants">Held-out errors by participant, of those whose are known.</param>
/// <param name="WeightedRmse">Over all participants, weighted by windows, in the target's unit; null until all are known.</param>
public sealed record ComparedErrors(IReadOnlyDictionary<string, HeldOutError> Participants, double? WeightedRmse)
{
    /// <summary>Error of one participant; null when it is not known, or does not count.</summary>
    public double? RmseOf(string participant) => Participants.GetValueOrDefault(participant) is { WindowCount: > 0 } error ? error.RootMeanSquaredError() : null;
}
