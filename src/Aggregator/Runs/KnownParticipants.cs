using FedQueue.Aggregator.Storage;
using FedQueue.Contracts;

namespace FedQueue.Aggregator.Runs;

/// <summary>A participant that this aggregator has heard of, whatever runs there are.</summary>
/// <param name="Name">Owner of the data.</param>
/// <param name="State">listening: a worker has it and reads its queue; held: a worker has it and does not listen yet; away: nobody has it.</param>
/// <param name="WorkerId">The beginning of the name of the worker that has it, or had it last.</param>
/// <param name="LastHeard">Newest heartbeat, UTC.</param>
/// <param name="CannotTakePart">Runs for which its data will not do.</param>
public sealed record KnownParticipant(string Name, string State, string? WorkerId, DateTimeOffset LastHeard, IReadOnlyList<Unfitness> CannotTakePart)
{
    /// <returns>In ordinal order.</returns>
    internal static async Task<IReadOnlyList<KnownParticipant>> LoadAll(FedQueueDbContext db, CancellationToken cancellationToken)
    {
        var participants = await db.Queries.Participants(db).ToListAsync(cancellationToken);
        return [.. participants.OrderBy(p => p.Name, StringComparer.Ordinal).Select(p => From(p, db))];
    }

    private static KnownParticipant From(ParticipantRow row, FedQueueDbContext db) => new(
        row.Name, !db.IsThere(row) ? "away" : row.Listening ? "listening" : "held", row.WorkerId is { } worker ? WorkerName.Shown(worker) : null, row.LastHeard,
        [.. row.Checks().Where(check => check.Problem is not null).Select(check => new Unfitness(check.RunId, PlainText.Of(check.Problem!)))]);
}

/// <summary>Why a participant cannot take part in a run, as a sentence.</summary>
public sealed record Unfitness(string Run, string Reason);
