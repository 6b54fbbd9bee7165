using System.Text.Json;
using FedQueue.Contracts;

namespace FedQueue.Aggregator.Storage;

/// <summary>The lease on a participant.</summary>
internal sealed class ParticipantRow
{
    public required string Name { get; init; }

    /// <summary>Holder, also when its lease has lapsed; null when it was given back.</summary>
    public string? WorkerId { get; set; }

    /// <summary>The worker that gave it back last. What it submitted before may still be on its way, and is as good as any.</summary>
    public string? GivenBackBy { get; set; }

    public DateTimeOffset LeaseUntil { get; set; }
    public DateTimeOffset LastHeard { get; set; }

    /// <summary>The holder's queue is there, so that a round opened now reaches it.</summary>
    public bool Listening { get; set; }

    /// <summary>What its holder has said of the plans of runs that have not ended, a list of <see cref="PlanChecked"/> as JSON; null when nothing.</summary>
    public string? ChecksJson { get; set; }

    /// <returns>What it has said of the plan as it is now; null when it has not looked yet.</returns>
    public PlanChecked? CheckOf(string runId, string key) => ChecksJson is null ? null : Checks().Find(check => check.RunId == runId && check.Key == key);

    public List<PlanChecked> Checks() => ChecksJson is null ? [] : JsonSerializer.Deserialize<List<PlanChecked>>(ChecksJson)!;

    /// <summary>Adds to what was said, and forgets what was said of runs that have ended.</summary>
    /// <param name="told">Newer than what was said before.</param>
    /// <param name="open">Runs that have not ended.</param>
    public void Keep(IEnumerable<PlanChecked> told, IReadOnlySet<string> open)
    {
        var news = told.Where(check => open.Contains(check.RunId)).DistinctBy(check => check.RunId).ToList();
        var kept = Checks().Where(check => open.Contains(check.RunId) && !news.Exists(other => other.RunId == check.RunId)).Concat(news).ToList();
        ChecksJson = kept.Count == 0 ? null : JsonSerializer.Serialize(kept);
    }

    public bool MayAnswer(string workerId) => workerId == WorkerId || workerId == GivenBackBy;
}
