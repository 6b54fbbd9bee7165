namespace FedQueue.Contracts;

/// <summary>Lets one line of a kind through at a time: what happens a thousand times a minute is said once, with how often it happened since.</summary>
public sealed class RareLines(TimeProvider clock)
{
    private static readonly TimeSpan Every = TimeSpan.FromMinutes(1);

    /// <summary>Kinds are few; of more than this the oldest are forgotten, and said again.</summary>
    private const int MostKinds = 1_000;

    private readonly Lock gate = new();
    private readonly Dictionary<string, (long SaidAt, int Since)> kinds = [];

    /// <param name="kind">What is the same in all lines of the kind.</param>
    /// <param name="since">How many of the kind there were since the last that was let through, without this one.</param>
    /// <returns>Whether to say this one.</returns>
    public bool MaySay(string kind, out int since)
    {
        lock (gate)
        {
            if (kinds.TryGetValue(kind, out var last) && clock.GetElapsedTime(last.SaidAt) < Every)
            {
                kinds[kind] = (last.SaidAt, last.Since + 1);
                since = 0;
                return false;
            }

            if (kinds.Count >= MostKinds)
                kinds.Clear();
            kinds[kind] = (clock.GetTimestamp(), 0);
            since = last.Since;
            return true;
        }
    }

    /// <returns>What to put behind the line: nothing, or how often the same happened meanwhile.</returns>
    public static string Meanwhile(int since) => since == 0 ? "" : $" ({since:N0} more since it was said last)";
}
