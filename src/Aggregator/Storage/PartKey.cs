namespace FedQueue.Aggregator.Storage;

/// <summary>A row that holds a part of weights.</summary>
/// <param name="Table">Name of the table, whose weights are in a column of that name.</param>
/// <param name="Columns">The columns of its key, with their values.</param>
internal sealed record PartKey(string Table, params IReadOnlyList<(string Name, object Value)> Columns)
{
    // For both databases.
    public string Names => string.Join(", ", Columns.Select(column => $"\"{column.Name}\""));

    public string Parameters => string.Join(", ", Columns.Select((_, number) => $"@p{number}"));

    public string Condition => string.Join(" AND ", Columns.Select((column, number) => $"\"{column.Name}\" = @p{number}"));
}
