using System.Collections.Concurrent;
using FedQueue.Contracts;

namespace FedQueue.Aggregator.Participants;

/// <summary>Workers that asked for a participant in vain, and will ask again; as far as this aggregator was asked.</summary>
internal sealed class Spares(TimeProvider clock)
{
    private static readonly TimeSpan Remembered = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<string, SpareWorker> heard = [];

    /// <param name="workerId">Who asked.</param>
    /// <param name="why">Why it got none; null: it got one.</param>
    public void Answered(string workerId, string? why)
    {
        if (why is null)
            heard.TryRemove(workerId, out _);
        else if (heard.Count < MessageCheck.MostParticipants || heard.ContainsKey(workerId))
            heard[workerId] = new(WorkerName.Shown(workerId), clock.GetUtcNow(), PlainText.Of(why));

        foreach (var (gone, _) in heard.Where(spare => spare.Value.LastHeard + Remembered < clock.GetUtcNow()))
            heard.TryRemove(gone, out _);
    }

    /// <summary>Those that asked within the last half minute, by name.</summary>
    public IReadOnlyList<SpareWorker> Heard() =>
        [.. heard.Values.Where(spare => spare.LastHeard + Remembered >= clock.GetUtcNow()).OrderBy(spare => spare.WorkerId, StringComparer.Ordinal)];
}

/// <summary>A worker without a participant.</summary>
/// <param name="WorkerId">The process.</param>
/// <param name="LastHeard">When it asked last, UTC.</param>
/// <param name="Why">Why it got none, as a sentence.</param>
public sealed record SpareWorker(string WorkerId, DateTimeOffset LastHeard, string Why);
