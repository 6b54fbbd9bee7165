using System.Globalization;
using FedQueue.Contracts;

namespace FedQueue.Aggregator.Runs;

/// <summary>Says when training has made a model worse, or no better than a forecast without one, and what to try.</summary>
internal static class Divergence
{
    /// <param name="plan">What was trained.</param>
    /// <param name="round">Round that produced the model, from 1.</param>
    /// <param name="initial">RMSE of the initial model, in the target's unit.</param>
    /// <param name="now">RMSE of this one.</param>
    /// <returns>Null when it is not worse than the initial one.</returns>
    public static string? OfRound(RunPlan plan, int round, double? initial, double? now) => now > initial
        ? string.Create(CultureInfo.InvariantCulture,
            $"After round {round} the global model is worse than before the first one: RMSE {Figure.Of(now)} instead of {Figure.Of(initial)}. "
            + $"Try a learning rate below {plan.Training.LearningRate}, or fewer than {plan.Training.Epochs} local epochs.")
        : null;

    /// <param name="comparison">What the final model stands beside; null when that is not known.</param>
    /// <returns>Null when the final model is better than every forecast without a model.</returns>
    public static string? OfEnd(RunComparison? comparison)
    {
        if (comparison?.Federated.WeightedRmse is not { } model)
            return null;
        var best = comparison.WithoutModel().Where(row => row.Errors.WeightedRmse < model).OrderBy(row => row.Errors.WeightedRmse).ToList();
        return best.Count > 0
            ? $"The final model is worse than '{best[0].Name}', a forecast without a model: RMSE {Figure.Of(model)} instead of {Figure.Of(best[0].Errors.WeightedRmse)}. "
                + "Try more rounds, another learning rate, other features or a longer window; 'fedqueue data baselines' shows how hard the data is."
            : null;
    }
}
