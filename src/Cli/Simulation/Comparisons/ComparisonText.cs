using FedQueue.Aggregator.Runs;
using FedQueue.Contracts;

namespace FedQueue.Cli.Simulation.Comparisons;

internal static class ComparisonText
{
    /// <summary>A line for each way to forecast: RMSE over all participants, weighted by windows, then of the single ones.</summary>
    public static IEnumerable<string> Lines(RunComparison comparison, string unit, int width = int.MaxValue)
    {
        var columns = new ErrorColumns([.. comparison.Federated.Participants.Keys.Order(StringComparer.Ordinal)]);
        var rows = comparison.Rows().Select(row => (IReadOnlyList<string>)[row.Name, Figure.Of(row.Errors.WeightedRmse), .. columns.Cells(row.Errors.RmseOf)]);
        return TextTable.Lines([[$"held-out RMSE, {unit}", "weighted", .. columns.Headers], .. rows], width, firstIsText: true);
    }
}
