namespace FedQueue.Contracts;

/// <summary>Names in a sentence, which a thousand of them must not fill.</summary>
public static class NameList
{
    /// <summary>Names that a sentence or a table shows one by one; of more only some, and how many there are.</summary>
    public const int MostShown = 20;

    /// <summary>The names with commas between them; of more than <see cref="MostShown"/> the first ten and the number of the others.</summary>
    public static string Of(IEnumerable<string> names)
    {
        const int first = MostShown / 2;
        var all = names.ToList();
        return all.Count <= MostShown ? string.Join(", ", all) : $"{string.Join(", ", all.Take(first))} and {all.Count - first:N0} more";
    }
}
