namespace FedQueue.Contracts;

/// <summary>Finds the name that a misspelt one probably meant.</summary>
public static class Nearest
{
    /// <returns>The candidate that differs least, in a third of its letters at most; null when none is that near.</returns>
    public static string? To(string word, IEnumerable<string> candidates) => candidates
        .Select(candidate => (Name: candidate, Distance: Distance(word.ToLowerInvariant(), candidate.ToLowerInvariant())))
        .Where(candidate => candidate.Distance <= candidate.Name.Length / 3)
        .OrderBy(candidate => candidate.Distance)
        .Select(candidate => candidate.Name).FirstOrDefault();

    /// <summary>Letters to insert, remove, replace or exchange with their neighbour (Damerau 1964).</summary>
    private static int Distance(string a, string b)
    {
        var least = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++)
            for (var j = 0; j <= b.Length; j++)
            {
                if (i == 0 || j == 0)
                {
                    least[i, j] = i + j;
                    continue;
                }

                least[i, j] = Math.Min(Math.Min(least[i - 1, j], least[i, j - 1]) + 1, least[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1));
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                    least[i, j] = Math.Min(least[i, j], least[i - 2, j - 2] + 1);
            }

        return least[a.Length, b.Length];
    }
}
