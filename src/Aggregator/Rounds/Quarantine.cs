using FedQueue.Aggregator.Storage;
using Microsoft.EntityFrameworkCore;

namespace FedQueue.Aggregator.Rounds;

/// <summary>Keeps answers that failed validation, with the reason; a second copy changes nothing.</summary>
internal sealed class Quarantine(FedQueueDbContext db, ILogger<Quarantine> log)
{
    /// <summary>Weights kept of one run; of more, hash and reason are kept, so that a faulty worker cannot fill the disk.</summary>
    internal const int WeightsKept = 100;

    public async Task Keep(QuarantineRow entry, CancellationToken cancellationToken)
    {
        if (await db.Quarantine.FindAsync([entry.Id], cancellationToken) is not null)
        {
            db.Note(entry.RunId, entry.Round, EventKind.Duplicate, entry.Participant, "A second copy of a quarantined answer had no effect.");
            return;
        }

        var hasRoom = entry.Weights is null || await HasRoom(entry.RunId, cancellationToken);
        db.Quarantine.Add(hasRoom ? entry : entry with { Weights = null });
        db.Note(entry.RunId, entry.Round, EventKind.Quarantined, entry.Participant, $"{entry.Reason} Sent by {entry.WorkerId}.");
        log.AnswerQuarantined(entry.RunId, entry.Round, entry.Participant, entry.WorkerId, entry.Reason);
    }

    private async Task<bool> HasRoom(string runId, CancellationToken cancellationToken)
    {
        // Answers before this one may share the transaction.
        await db.SaveChangesAsync(cancellationToken);
        return await db.Quarantine.CountAsync(q => q.RunId == runId, cancellationToken) < WeightsKept;
    }
}
