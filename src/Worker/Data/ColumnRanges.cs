namespace FedQueue.Worker.Data;

/// <summary>The ranges by which a participant's columns are scaled to [0, 1].</summary>
/// <param name="Features">In the order of the plan.</param>
/// <param name="Target">Of the labels, after the cap.</param>
internal sealed record ColumnRanges(IReadOnlyList<ColumnRange> Features, ColumnRange Target)
{
    /// <summary>Ranges of the plan where everybody shares them, otherwise of the table's own training rows.</summary>
    public static ColumnRanges Of(ParticipantTable table) => new(
        [.. table.Columns.Features.Select((name, feature) => Shared(table, name) ?? table.FeatureRange(feature, table.TrainingRows))],
        Shared(table, table.Columns.Target) ?? table.TargetRange(table.TrainingRows));

    /// <summary>Scales all features.</summary>
    /// <returns>Row-major [rows × features].</returns>
    public float[] Scale(ParticipantTable table)
    {
        var scaled = new float[table.Features.Length];
        for (var index = 0; index < scaled.Length; index++)
            scaled[index] = Features[index % Features.Count].Scale(table.Features[index]);
        return scaled;
    }

    private static ColumnRange? Shared(ParticipantTable table, string column) =>
        table.Columns.Spans?.FirstOrDefault(span => span.Column == column) is { } span ? new ColumnRange(column, span.Minimum, span.Maximum) : null;
}
