using System.Security.Cryptography;
using FedQueue.Aggregator.Aggregation;
using FedQueue.Aggregator.Rounds;
using FedQueue.Aggregator.Storage;
using FedQueue.Contracts;
using Microsoft.EntityFrameworkCore;

namespace FedQueue.Aggregator.Runs;

/// <summary>
/// Whether the stored global weights of a run are what its plan and its stored submissions give: everything is computed anew and
/// compared with the stored bytes, the stored SHA-256 and the history.
/// </summary>
/// <param name="Run">Id of the run.</param>
/// <param name="Status">waiting, running, completed, failed or cancelled.</param>
/// <param name="Rounds">The initial weights as round 0, then each round that was aggregated.</param>
/// <param name="Sound">Nothing contradicts; rounds that can no longer be recomputed do not count against it.</param>
/// <param name="Verdict">The outcome as a sentence.</param>
internal sealed record RunVerification(string Run, string Status, IReadOnlyList<RoundVerification> Rounds, bool Sound, string Verdict)
{
    /// <returns>Null when there is no such run.</returns>
    public static async Task<RunVerification?> Load(FedQueueDbContext db, string runId, CancellationToken cancellationToken)
    {
        if (await db.Runs.AsNoTracking().SingleOrDefaultAsync(r => r.Id == runId, cancellationToken) is not { } run)
            return null;

        var said = await db.Events.AsNoTracking().Where(e => e.RunId == runId).ToListAsync(cancellationToken);
        var numbers = await db.Models.Where(m => m.RunId == runId).OrderBy(m => m.Round).Select(m => m.Round).ToListAsync(cancellationToken);
        var rounds = new List<RoundVerification>();
        var least = run.Status is RunStatus.Completed ? run.Plan().Rounds + 1 : run.StartedAt is null ? 0 : 1;
        foreach (var number in Enumerable.Range(0, Math.Max(least, numbers.Count == 0 ? 0 : numbers[^1] + 1)))
        {
            var model = await db.Models.AsNoTracking().SingleOrDefaultAsync(m => m.RunId == runId && m.Round == number, cancellationToken);
            var submissions = await SubmissionParts.OfRound(db, run, number, cancellationToken);
            var state = await db.Rounds.AsNoTracking().SingleOrDefaultAsync(r => r.RunId == runId && r.Round == number, cancellationToken);
            rounds.Add(await RoundVerification.Of(db, run.Plan(), number, model, state, submissions, [.. said.Where(e => e.Round == number)], cancellationToken));
        }

        var broken = rounds.Where(r => r.Outcome == RoundVerification.Broken).ToList();
        var unverifiable = rounds.Count(r => r.Outcome == RoundVerification.Unverifiable);
        var end = said.LastOrDefault(e => e.Kind == EventKind.RunCompleted);
        var endProblem = end is not null && rounds.Count > 0 && !end.Text.Contains(rounds[^1].Sha256 ?? "", StringComparison.Ordinal)
            ? $" The history has another SHA-256 for the end of the run: {end.Text}"
            : "";
        var verdict = broken.Count > 0
            ? $"Run {runId} does not hold: {string.Join(" ", broken.Select(r => $"round {r.Round}: {r.Text}"))}{endProblem}"
            : endProblem.Length > 0 ? $"Run {runId} does not hold.{endProblem}"
            : rounds.Count == 0 ? $"Run {runId} never started, so there is nothing to verify."
            : $"Run {runId} holds: {rounds.Count - unverifiable} of {rounds.Count} sets of global weights recomputed, bit for bit"
                + (unverifiable == 0 ? "." : $"; {unverifiable} can no longer be, because their submissions are not kept (FedQueue:Storage:KeepRounds).");
        return new(runId, run.Status.ToString().ToLowerInvariant(), rounds, broken.Count == 0 && endProblem.Length == 0, verdict);
    }
}

/// <param name="Round">Round that produced the weights; 0: initial.</param>
/// <param name="Outcome">verified, unverifiable or broken.</param>
/// <param name="Sha256">Of the stored global weights, lower-case hex; null when there are none.</param>
/// <param name="Text">What was compared, or what contradicts, as a sentence.</param>
internal sealed record RoundVerification(int Round, string Outcome, string? Sha256, string Text)
{
    public const string Verified = "verified";
    public const string Unverifiable = "unverifiable";
    public const string Broken = "broken";

    public static async Task<RoundVerification> Of(
        FedQueueDbContext db, RunPlan plan, int round, ModelRow? model, RoundState? state, List<SubmissionRow> submissions, List<EventRow> said,
        CancellationToken cancellationToken)
    {
        if (model is null || await ModelRow.Sha256Of(db, model, cancellationToken) is not { } sha256)
            return new(round, Broken, null, "Its global weights are missing.");

        if ((ModelProblem(model, sha256, said) ?? await SubmissionsProblem(db, state, submissions, said, cancellationToken)) is { } problem)
            return new(round, Broken, sha256, problem);
        if (round > 0 && await submissions.ToAsyncEnumerable().AnyAsync(async (s, token) => !await SubmissionParts.AreKept(db, s, token), cancellationToken))
            return new(round, Unverifiable, sha256, "The weights of its submissions are no longer kept; hashes and history agree.");

        if (round > 0 && submissions.Count == 0)
            return new(round, Broken, sha256, "It has global weights, and no submission.");

        var computed = round == 0
            ? InitialSha256(plan, sha256)
            : await Sha256Of(CompleteRound.Aggregate(db, plan, submissions, cancellationToken));
        if (computed != sha256)
            return new(round, Broken, sha256, $"Computed anew its global weights have SHA-256 {computed}, but {sha256} is stored.");
        return new(round, Verified, sha256, round == 0 ? "Computed anew from the seed." : $"Computed anew from {submissions.Count} submissions.");
    }

    /// <summary>A run of an earlier program may have begun with what that drew.</summary>
    private static string InitialSha256(RunPlan plan, string stored)
    {
        var drawn = WeightBytes.Sha256(InitialWeights.Create(plan.Model(), plan.Seed));
        return drawn != stored && WeightBytes.Sha256(InitialWeights.CreateAsBefore(plan.Model(), plan.Seed)) == stored ? stored : drawn;
    }

    private static async Task<string> Sha256Of(IAsyncEnumerable<ReadOnlyMemory<byte>> parts)
    {
        using var sha256 = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await foreach (var part in parts)
            sha256.AppendData(part.Span);
        return Convert.ToHexStringLower(sha256.GetHashAndReset());
    }

    private static string? ModelProblem(ModelRow model, string sha256, List<EventRow> said)
    {
        if (sha256 != model.WeightsSha256)
            return $"Its global weights have SHA-256 {sha256}, but {model.WeightsSha256} was noted when they were stored.";

        var completed = said.Find(e => e.Kind == EventKind.RoundCompleted);
        return completed is null || completed.Text.Contains(sha256, StringComparison.Ordinal)
            ? null
            : $"Its global weights have SHA-256 {sha256}, but the history says: {completed.Text}";
    }

    private static async Task<string?> SubmissionsProblem(
        FedQueueDbContext db, RoundState? state, List<SubmissionRow> submissions, List<EventRow> said, CancellationToken cancellationToken)
    {
        if (state is not null && !state.Submitted.ToHashSet().SetEquals(submissions.Select(s => s.Participant)))
            return $"It accepted {string.Join(", ", state.Submitted.Order(StringComparer.Ordinal))}, but stored are the submissions of "
                + $"{string.Join(", ", submissions.Select(s => s.Participant).Order(StringComparer.Ordinal))}.";

        foreach (var submission in submissions.OrderBy(s => s.Participant, StringComparer.Ordinal))
        {
            if (await SubmissionParts.Sha256Of(db, submission, cancellationToken) is { } sha256 && sha256 != submission.WeightsSha256)
                return $"The submission of {submission.Participant} has SHA-256 {sha256}, but {submission.WeightsSha256} was noted when it came.";

            var noted = said.Find(e => e.Kind == EventKind.Submitted && e.Participant == submission.Participant);
            if (noted is null || !noted.Text.StartsWith($"{submission.SampleCount} windows, SHA-256 {submission.WeightsSha256},", StringComparison.Ordinal))
                return $"The submission of {submission.Participant} ({submission.SampleCount} windows, SHA-256 {submission.WeightsSha256}) "
                    + $"is not what the history says: {noted?.Text ?? "nothing"}";
        }

        return null;
    }
}
