using FedQueue.Aggregator.Runs;
using FedQueue.Contracts;
using FedQueue.Worker.Data;

namespace FedQueue.Cli.Simulation.Comparisons;

/// <summary>What the federation was good for: held-out errors of its model beside those of what each participant could do without it.</summary>
/// <param name="Federated">The global model.</param>
/// <param name="Local">Each participant's own model, trained on its rows alone for as many epochs.</param>
/// <param name="RepeatLast">The last value of the window, repeated; empty with horizon 0.</param>
/// <param name="Mean">The mean of each participant's training labels.</param>
/// <param name="Central">One model trained on all data together; null when it was not asked for.</param>
internal sealed record Comparison(ComparedErrors Federated, ComparedErrors Local, ComparedErrors RepeatLast, ComparedErrors Mean, ComparedErrors? Central)
{
    /// <param name="run">A completed run.</param>
    /// <param name="windows">The participants' windows, by participant.</param>
    /// <param name="local">Errors of their own models.</param>
    /// <param name="central">Errors of the model of all data, if there is one.</param>
    public static Comparison Of(
        RunSummary run, IReadOnlyDictionary<string, ParticipantWindows> windows, ComparedErrors local, ComparedErrors? central)
    {
        var baselines = windows.ToDictionary(own => own.Key, own => Baselines.Of(own.Value));
        return new(
            new(run.Models[^1].Participants.ToDictionary(
                p => p.Name, p => new HeldOutError { WindowCount = p.Windows, MeanSquaredError = p.Mse, MeanAbsoluteError = p.Mae })),
            local,
            new(baselines.Where(own => own.Value.RepeatLast is not null).ToDictionary(own => own.Key, own => own.Value.RepeatLast!)),
            new(baselines.ToDictionary(own => own.Key, own => own.Value.Mean)),
            central);
    }
}

/// <summary>One way to forecast: its held-out errors by participant, and over all, weighted by windows.</summary>
internal sealed record ComparedErrors(IReadOnlyDictionary<string, HeldOutError> Participants)
{
    /// <summary>Null when there are none.</summary>
    public double? WeightedRmse => HeldOutError.Weighted([.. Participants.Values])?.RootMeanSquaredError();

    public double? RmseOf(string participant) => Participants.GetValueOrDefault(participant)?.RootMeanSquaredError();
}
