using FedQueue.Contracts;

namespace FedQueue.Aggregator.Runs;

/// <summary>How the participants' errors stand in a table: a column for each, or of many the worst, the median and the best.</summary>
/// <param name="Names">Participants in ordinal order.</param>
internal sealed record ErrorColumns(IReadOnlyList<string> Names)
{
    public bool AreMany => Names.Count > NameList.MostShown;

    public IReadOnlyList<string> Headers => AreMany ? ["worst", "median", "best"] : Names;

    /// <summary>Words for the columns after those over all participants.</summary>
    public string Description => AreMany ? $"then the worst, median and best RMSE of {Names.Count:N0} participants" : "then each one's RMSE";

    /// <param name="rmseOf">Error of a participant; null when it is not known.</param>
    public IReadOnlyList<double?> Values(Func<string, double?> rmseOf)
    {
        var errors = Names.Select(rmseOf).ToList();
        if (!AreMany)
            return errors;

        var known = errors.OfType<double>().Order().ToList();
        return known.Count == 0 ? [null, null, null] : [known[^1], Median(known), known[0]];
    }

    /// <inheritdoc cref="Values"/>
    public IReadOnlyList<string> Cells(Func<string, double?> rmseOf) => [.. Values(rmseOf).Select(Figure.Of)];

    /// <param name="sorted">At least one value, in ascending order.</param>
    public static double Median(IReadOnlyList<double> sorted) => (sorted[(sorted.Count - 1) / 2] + sorted[sorted.Count / 2]) / 2;

    public static ErrorColumns Of(IEnumerable<ModelSummary> models) =>
        new([.. models.SelectMany(model => model.Participants).Select(p => p.Name).Distinct().Order(StringComparer.Ordinal)]);

    public IReadOnlyList<string> Cells(ModelSummary model)
    {
        // Of a participant without windows that count, an error says nothing.
        var errors = model.Participants.ToDictionary(p => p.Name, p => p.Windows > 0 ? p.Rmse : (double?)null);
        return Cells(name => errors.GetValueOrDefault(name));
    }
}
