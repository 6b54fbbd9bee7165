using FedQueue.Aggregator.Storage;
using Microsoft.EntityFrameworkCore;

namespace FedQueue.Aggregator.Rounds;

/// <summary>Keeps answers that failed validation, with the reason; a second copy changes nothing.</summary>
internal sealed class Quarantine(FedQueueDbContext db, ILogger<Quarantine> log)
{
    /// <summary>Entries of one run; of more only the log speaks.</summary>
    internal const int MostEntries = 1_000;

    /// <summary>Weights kept of one run; of more, hash and reason are kept, so that a faulty worker cannot fill the disk.</summary>
    internal const int WeightsKept = 100;

    /// <summary>Bytes of them.</summary>
    internal const long BytesKept = 64 << 20;

    public async Task Keep(QuarantineRow entry, CancellationToken cancellationToken)
    {
        if (await db.Quarantine.FindAsync([entry.Id], cancellationToken) is not null)
        {
            db.Note(entry.RunId, entry.Round, EventKind.Duplicate, entry.Participant, "A second copy of a quarantined answer had no effect.");
            return;
        }

        log.AnswerQuarantined(entry.RunId, entry.Round, entry.Participant, entry.WorkerId, entry.Reason);

        // Answers before this one may share the transaction.
        await db.SaveChangesAsync(cancellationToken);
        var kept = db.Quarantine.Where(q => q.RunId == entry.RunId);
        if (await kept.CountAsync(cancellationToken) >= MostEntries)
            return;

        var withWeights = kept.Where(q => q.Weights != null);
        var hasRoom = entry.Weights is null || (await withWeights.CountAsync(cancellationToken) < WeightsKept
            && await withWeights.SumAsync(q => (long)q.WeightBytes, cancellationToken) + entry.WeightBytes <= BytesKept);
        db.Quarantine.Add(hasRoom ? entry : entry with { Weights = null });
        db.Note(entry.RunId, entry.Round, EventKind.Quarantined, entry.Participant, $"{entry.Reason} Sent by {entry.WorkerId}.");
    }
}
