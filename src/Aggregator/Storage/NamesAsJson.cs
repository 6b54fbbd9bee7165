using System.Text.Json;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace FedQueue.Aggregator.Storage;

/// <summary>
/// A list of names in one column. The lists that were read or written last are remembered: every message of a round of a thousand participants
/// reads the same ones again, and to parse them took longer than all else it did.
/// </summary>
internal sealed class NamesAsJson() : ValueConverter<List<string>, string>(names => Write(names), json => Read(json))
{
    /// <summary>
    /// Of a run, its open round and their neighbours. Each place is read once, because another thread may fill it between two reads:
    /// <see cref="Array.Find"/> reads it again after the comparison and so gave the names of another list.
    /// </summary>
    private static readonly Known?[] Recent = new Known?[8];

    private static uint next;

    public static string Write(List<string> names)
    {
        foreach (var known in Recent)
            if (known?.Names == names)
                return known.Json;
        return Remember(new(JsonSerializer.Serialize(names), names)).Json;
    }

    public static List<string> Read(string json)
    {
        foreach (var known in Recent)
            if (known?.Json == json)
                return known.Names;
        return Remember(new(json, JsonSerializer.Deserialize<List<string>>(json)!)).Names;
    }

    private static Known Remember(Known known) => Recent[Interlocked.Increment(ref next) % (uint)Recent.Length] = known;

    private sealed record Known(string Json, List<string> Names);
}

/// <summary>A list of names is replaced and never changed, so it is its own snapshot. EF Core's own comparer of lists compiles a method at every comparison.</summary>
internal sealed class NamesComparer() : ValueComparer<List<string>>((a, b) => Same(a, b), names => Hash(names), names => names)
{
    public static bool Same(List<string>? a, List<string>? b) => ReferenceEquals(a, b) || (a is not null && b is not null && a.SequenceEqual(b));

    public static int Hash(List<string> names) => names.Aggregate(0, HashCode.Combine);
}
