using FedQueue.Aggregator.Storage;
using FedQueue.Contracts;
using Microsoft.EntityFrameworkCore;

namespace FedQueue.Cli.Runs;

// Stand-ins for the aggregator's records of the same names and shapes, until those are there.

internal sealed record RunVerification(string Run, string Status, IReadOnlyList<RoundVerification> Rounds, bool Sound, string Verdict)
{
    public static Task<RunVerification?> Load(FedQueueDbContext db, string runId, CancellationToken cancellationToken) =>
        throw new StartupException("This version can ask a server only; name one with --server.");
}

internal sealed record RoundVerification(int Round, string Outcome, string? Sha256, string Text);

internal sealed record RunHistory(string Run, IReadOnlyList<HistoryEvent> Events, IReadOnlyDictionary<string, int> Counts)
{
    public static async Task<RunHistory?> Load(FedQueueDbContext db, string runId, CancellationToken cancellationToken)
    {
        var events = await db.Events.AsNoTracking().Where(e => e.RunId == runId).OrderBy(e => e.Id)
            .Select(e => new HistoryEvent(e.Id, e.At, e.Round, e.Kind, e.Participant, e.Text)).ToListAsync(cancellationToken);
        return events.Count == 0 ? null : new(runId, events, events.CountBy(e => e.Kind).ToDictionary());
    }
}

internal sealed record HistoryEvent(long Id, DateTimeOffset At, int? Round, string Kind, string? Participant, string Text);

internal sealed record RunQuarantine(string Run, int Count, IReadOnlyList<QuarantineEntry> Entries)
{
    public static Task<RunQuarantine?> Load(FedQueueDbContext db, string runId, CancellationToken cancellationToken) =>
        throw new StartupException("This version can ask a server only; name one with --server.");
}

internal sealed record QuarantineEntry(
    int Round, string Participant, string WorkerId, DateTimeOffset ReceivedAt, int SampleCount, int Bytes, string? Sha256, string Reason);
