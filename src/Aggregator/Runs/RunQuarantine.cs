using FedQueue.Aggregator.Storage;
using FedQueue.Contracts;
using Microsoft.EntityFrameworkCore;

namespace FedQueue.Aggregator.Runs;

/// <summary>The answers to a run that failed validation, in order of arrival; their weights stay in the database.</summary>
internal sealed record RunQuarantine(string Run, int Count, IReadOnlyList<QuarantineSummary> Entries)
{
    /// <returns>Null when nothing is known of the run.</returns>
    public static async Task<RunQuarantine?> Load(FedQueueDbContext db, string runId, CancellationToken cancellationToken)
    {
        var entries = await db.Quarantine.AsNoTracking().Where(q => q.RunId == runId).OrderBy(q => q.ReceivedAt).ThenBy(q => q.Id)
            .Select(q => new QuarantineSummary(
                q.Round, PlainText.Of(q.Participant, ""), PlainText.Of(q.WorkerId, ""), q.ReceivedAt, q.SampleCount, q.WeightBytes, q.WeightsSha256, PlainText.Of(q.Reason, "")))
            .ToListAsync(cancellationToken);
        return entries.Count == 0 && !await db.Events.AnyAsync(e => e.RunId == runId, cancellationToken)
            ? null
            : new(runId, entries.Count, entries);
    }
}

/// <param name="Round">Round that it answered.</param>
/// <param name="Participant">Whose it says it is.</param>
/// <param name="WorkerId">Who sent it.</param>
/// <param name="ReceivedAt">When it came first, UTC.</param>
/// <param name="SampleCount">Windows it says it was trained on.</param>
/// <param name="Bytes">Length of its weights.</param>
/// <param name="Sha256">Of its weights, lower-case hex; null for an evaluation.</param>
/// <param name="Reason">Why it was not used, as a sentence.</param>
internal sealed record QuarantineSummary(
    int Round, string Participant, string WorkerId, DateTimeOffset ReceivedAt, int SampleCount, int Bytes, string? Sha256, string Reason);
