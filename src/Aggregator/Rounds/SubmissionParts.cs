using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using FedQueue.Aggregator.Storage;
using FedQueue.Contracts;
using Microsoft.EntityFrameworkCore;

namespace FedQueue.Aggregator.Rounds;

/// <summary>
/// The parts of submissions that are too large for one message. They stay parts in the database too, so that only a few of them are
/// ever in memory.
/// </summary>
internal sealed class SubmissionParts(FedQueueDbContext db)
{
    /// <summary>
    /// Bytes of a round's weights that are averaged at a time: five parts of the default length, fewer of longer ones, but one at least. A little
    /// more than five have, because the length of a part is taken from all but the last.
    /// </summary>
    internal const long WeightsAtOnce = 11 << 20;

    /// <returns>How many parts are missing now; null when this one was there already.</returns>
    public async Task<int?> Keep(WeightsSubmitted message, CancellationToken cancellationToken)
    {
        var whole = RunningHashes.Whole.Of(message);
        var kept = await db.Queries.Parts(db, whole.RunId, whole.Round, whole.Participant, whole.AnnouncedSha256).ToListAsync(cancellationToken);
        if (kept.Contains(message.Part))
            return null;

        await db.AddPart(
            Key(message, message.Part), message.Weights, () => db.Hashes.Add(whole, message.Part, message.Weights.Span), cancellationToken);
        return message.Parts - kept.Count - 1;
    }

    /// <summary>Whether the parts are together what was announced; if not, they go, so that the right ones can come.</summary>
    /// <returns>Null when they are; otherwise why not, as a sentence.</returns>
    public async Task<string?> ProblemOf(WeightsSubmitted message, CancellationToken cancellationToken)
    {
        var whole = RunningHashes.Whole.Of(message);
        var found = db.Hashes.Take(whole, message.Parts) ?? await Sha256(db, part => Key(message, part), message.Parts, cancellationToken);
        if (found == message.WeightsSha256)
            return null;

        await Of(message).ExecuteDeleteAsync(cancellationToken);
        return $"Its {message.Parts} parts have together SHA-256 {found}, but {message.WeightsSha256} was announced.";
    }

    /// <summary>Accepted submissions of a round; with their weights only when these are few, or all would be in memory at once.</summary>
    public static async Task<List<SubmissionRow>> OfRound(FedQueueDbContext db, RunRow run, int round, CancellationToken cancellationToken)
    {
        var most = (long)run.Plan().Model().ParameterCount() * sizeof(float) * run.Participants.Count;
        return most <= WeightsAtOnce
            ? await db.Queries.Submissions(db, run.Id, round).ToListAsync(cancellationToken)
            : await db.Submissions.AsNoTracking().Where(s => s.RunId == run.Id && s.Round == round).Select(SubmissionRow.Facts).ToListAsync(cancellationToken);
    }

    /// <summary>One part of the weights of each of a round's submissions, in the order of these, a few at a time; whole ones are read by one query.</summary>
    public static async IAsyncEnumerable<IReadOnlyList<(SubmissionRow Submission, ReadOnlyMemory<byte> Weights)>> WeightsOf(
        FedQueueDbContext db, ModelPlan model, IReadOnlyList<SubmissionRow> submissions, int part, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // All parts but the last are of one length, and that may be next to nothing.
        var length = (long)model.ParameterCount() * sizeof(float) / Math.Max(1, submissions.Max(s => s.Parts) - 1);
        foreach (var some in submissions.Chunk((int)Math.Clamp(WeightsAtOnce / length, 1, 1000)))
        {
            var whole = await Whole(db, some, cancellationToken);
            var read = new List<(SubmissionRow, ReadOnlyMemory<byte>)>(some.Length);
            var pooled = new List<PooledBytes>();
            try
            {
                foreach (var submission in some)
                {
                    if (submission.Parts == 0)
                        read.Add((submission, submission.Weights ?? whole.GetValueOrDefault(submission.Participant) ?? throw NotKept(submission)));
                    else
                    {
                        pooled.Add(await db.Part(Key(submission, part), cancellationToken) ?? throw NotKept(submission));
                        read.Add((submission, pooled[^1].Memory));
                    }
                }

                yield return read;
            }
            finally
            {
                pooled.ForEach(bytes => bytes.Dispose());

                // Or whole ones would stay in memory while the next are read.
                read.Clear();
            }
        }
    }

    /// <returns>Whether the weights of an accepted submission are all there still.</returns>
    public static async Task<bool> AreKept(FedQueueDbContext db, SubmissionRow submission, CancellationToken cancellationToken) =>
        submission.Weights is not null
        || (submission.Parts > 0
            ? await Of(db, submission).CountAsync(cancellationToken) == submission.Parts
            : await Whole(db, submission).AnyAsync(weights => weights != null, cancellationToken));

    /// <returns>SHA-256 of the weights as they are stored; null when they are no longer kept.</returns>
    public static async Task<string?> Sha256Of(FedQueueDbContext db, SubmissionRow submission, CancellationToken cancellationToken) =>
        !await AreKept(db, submission, cancellationToken) ? null
        : submission.Parts > 0 ? await Sha256(db, part => Key(submission, part), submission.Parts, cancellationToken)
        : WeightBytes.Sha256(submission.Weights ?? await Whole(db, submission).SingleAsync(cancellationToken) ?? throw NotKept(submission));

    /// <summary>Forgets parts of a closed round that belong to no accepted submission.</summary>
    public async Task Sweep(RoundState round, ModelPlan model, CancellationToken cancellationToken)
    {
        if (WeightParts.Count(model.ParameterCount() * sizeof(float), round.PartLength) == 1)
            return;

        db.Hashes.Forget(round.RunId, round.Round);

        // The submission that closed the round may not be in the database yet.
        await db.SaveChangesAsync(cancellationToken);
        await db.SubmissionParts
            .Where(part => part.RunId == round.RunId && part.Round == round.Round && !db.Submissions.Any(
                s => s.RunId == part.RunId && s.Round == part.Round && s.Participant == part.Participant && s.WeightsSha256 == part.WeightsSha256))
            .ExecuteDeleteAsync(cancellationToken);
    }

    /// <returns>SHA-256 of so many parts, one after the other.</returns>
    private static async Task<string> Sha256(FedQueueDbContext db, Func<int, PartKey> key, int count, CancellationToken cancellationToken)
    {
        using var sha256 = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (var number = 1; number <= count; number++)
        {
            using var part = await db.Part(key(number), cancellationToken)
                ?? throw new InvalidOperationException($"Part {number} of {count} of a submission's weights is missing.");
            sha256.AppendData(part.Memory.Span);
        }

        return Convert.ToHexStringLower(sha256.GetHashAndReset());
    }

    private static PartKey Key(WeightsSubmitted message, int part) =>
        SubmissionPartRow.Key(message.RunId, message.Round, message.Participant, message.WeightsSha256!, part);

    private static PartKey Key(SubmissionRow submission, int part) =>
        SubmissionPartRow.Key(submission.RunId, submission.Round, submission.Participant, submission.WeightsSha256!, part);

    private static InvalidOperationException NotKept(SubmissionRow submission) =>
        new($"The weights of {submission.Participant} in round {submission.Round} are no longer kept.");

    private IQueryable<SubmissionPartRow> Of(WeightsSubmitted message) => Of(db, message.RunId, message.Round, message.Participant, message.WeightsSha256);

    private static IQueryable<byte[]?> Whole(FedQueueDbContext db, SubmissionRow submission) => db.Submissions
        .Where(s => s.RunId == submission.RunId && s.Round == submission.Round && s.Participant == submission.Participant).Select(s => s.Weights);

    /// <returns>Weights of those that came whole and are not in memory yet, by participant.</returns>
    private static async Task<Dictionary<string, byte[]?>> Whole(FedQueueDbContext db, SubmissionRow[] submissions, CancellationToken cancellationToken)
    {
        var (runId, round) = (submissions[0].RunId, submissions[0].Round);
        var names = submissions.Where(s => s is { Weights: null, Parts: 0 }).Select(s => s.Participant).ToList();
        return names.Count == 0
            ? []
            : await db.Submissions.Where(s => s.RunId == runId && s.Round == round && EF.Parameter(names).Contains(s.Participant))
                .Select(s => new { s.Participant, s.Weights }).ToDictionaryAsync(s => s.Participant, s => s.Weights, cancellationToken);
    }

    private static IQueryable<SubmissionPartRow> Of(FedQueueDbContext db, SubmissionRow submission) =>
        Of(db, submission.RunId, submission.Round, submission.Participant, submission.WeightsSha256);

    private static IQueryable<SubmissionPartRow> Of(FedQueueDbContext db, string runId, int round, string participant, string? sha256) =>
        db.SubmissionParts.Where(p => p.RunId == runId && p.Round == round && p.Participant == participant && p.WeightsSha256 == sha256);
}
