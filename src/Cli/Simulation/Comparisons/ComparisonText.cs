using System.Globalization;

namespace FedQueue.Cli.Simulation.Comparisons;

internal static class ComparisonText
{
    /// <summary>A line for each way to forecast: RMSE over all participants, weighted by windows, then each one's.</summary>
    public static IEnumerable<string> Lines(Comparison comparison, int epochs, string unit)
    {
        var names = comparison.Federated.Participants.Keys.Order(StringComparer.Ordinal).ToList();
        var cells = Rows(comparison, epochs)
            .Select(row => (List<string>)[row.Name, Number(row.Errors.WeightedRmse), .. names.Select(name => Number(row.Errors.RmseOf(name)))])
            .Prepend([$"held-out RMSE, {unit}", "weighted", .. names]).ToList();
        var widths = Enumerable.Range(0, cells[0].Count).Select(column => cells.Max(row => row[column].Length)).ToList();
        return cells.Select(row => string.Join("  ", row.Select((cell, column) => column == 0 ? cell.PadRight(widths[0]) : cell.PadLeft(widths[column]))));
    }

    /// <summary>The ways to forecast for which there are errors, each with its name.</summary>
    public static IReadOnlyList<(string Name, ComparedErrors Errors)> Rows(Comparison comparison, int epochs)
    {
        List<(string Name, ComparedErrors Errors)> rows =
        [
            ("federated", comparison.Federated),
            ($"own data alone, {epochs:N0} epochs", comparison.Local),
            ("repeat the last value", comparison.RepeatLast),
            ("mean of the training rows", comparison.Mean),
        ];
        if (comparison.Central is not null)
            rows.Insert(1, ($"all data in one place, {epochs:N0} epochs", comparison.Central));
        return [.. rows.Where(row => row.Errors.Participants.Count > 0)];
    }

    private static string Number(double? value) => value?.ToString("0.0000", CultureInfo.InvariantCulture) ?? "-";
}
