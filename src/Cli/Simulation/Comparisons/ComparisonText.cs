using System.Globalization;
using FedQueue.Aggregator.Runs;

namespace FedQueue.Cli.Simulation.Comparisons;

internal static class ComparisonText
{
    /// <summary>A line for each way to forecast: RMSE over all participants, weighted by windows, then each one's.</summary>
    public static IEnumerable<string> Lines(RunComparison comparison, string unit)
    {
        var names = comparison.Federated.Participants.Keys.Order(StringComparer.Ordinal).ToList();
        var cells = comparison.Rows()
            .Select(row => (List<string>)[row.Name, Number(row.Errors.WeightedRmse), .. names.Select(name => Number(row.Errors.RmseOf(name)))])
            .Prepend([$"held-out RMSE, {unit}", "weighted", .. names]).ToList();
        var widths = Enumerable.Range(0, cells[0].Count).Select(column => cells.Max(row => row[column].Length)).ToList();
        return cells.Select(row => string.Join("  ", row.Select((cell, column) => column == 0 ? cell.PadRight(widths[0]) : cell.PadLeft(widths[column]))));
    }

    private static string Number(double? value) => value?.ToString("0.0000", CultureInfo.InvariantCulture) ?? "-";
}
