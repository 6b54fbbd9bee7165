using FedQueue.Aggregator.Aggregation;
using FedQueue.Aggregator.Runs;
using FedQueue.Aggregator.Storage;
using FedQueue.Contracts;
using Microsoft.EntityFrameworkCore;

namespace FedQueue.Reliability.Simulation;

/// <summary>What became of one seed.</summary>
/// <param name="Seed">Replays it.</param>
/// <param name="Problem">What contradicts the delivery contract; null when nothing does.</param>
/// <param name="Undisturbed">It ended with the bits of a run to which nothing happened; otherwise a deadline or a goal cut somebody off, or a person cancelled it.</param>
/// <param name="Sha256">Of the final weights.</param>
internal sealed record SeedResult(int Seed, string? Problem, bool Undisturbed, string Sha256 = "")
{
    private static readonly string[] AnswerKinds =
    [
        EventKind.Submitted, EventKind.Evaluated, EventKind.TrainingFailed, EventKind.Late, EventKind.Quarantined, EventKind.Unknown,
    ];

    public static async Task<SeedResult> Of(SimulatedAggregator aggregator, int seed)
    {
        var world = new World(aggregator, seed);
        try
        {
            await world.Run();
            return world.Problems.Count > 0
                ? new SeedResult(seed, world.Problems[0], Undisturbed: false)
                : await aggregator.Read(db => Check(db, world, seed));
        }
        catch (Exception exception)
        {
            return new SeedResult(seed, exception.ToString(), Undisturbed: false);
        }
    }

    private static async Task<SeedResult> Check(FedQueueDbContext db, World world, int seed)
    {
        var (plan, everybody) = (world.Scenario.Plan, world.Scenario.Participants);
        var run = await db.Runs.AsNoTracking().SingleAsync();
        var models = await db.Models.AsNoTracking().ToDictionaryAsync(m => m.Round);
        var submissions = await db.Submissions.AsNoTracking().Where(s => s.Weights != null).ToListAsync();
        var global = InitialWeights.Create(plan.Model(), plan.Seed);
        var undisturbed = true;

        for (var round = 1; round <= plan.Rounds && models.ContainsKey(round); round++)
        {
            var accepted = submissions.Where(s => s.Round == round).ToList();
            foreach (var submission in accepted)
                if (!WeightBytes.From(StubTraining.Train(plan.Seed, round, submission.Participant, global)).SequenceEqual(submission.Weights!))
                    return Wrong($"round {round} accepted from {submission.WorkerId} what {submission.Participant} never trained");

            undisturbed &= accepted.Count == everybody.Count;
            global = StubTraining.Mean(accepted.Select(s => (s.Participant, WeightBytes.ToFloats(s.Weights!))));
            if (WeightBytes.Sha256(WeightBytes.From(global)) != models[round].WeightsSha256)
                return Wrong($"round {round} is not the mean of {string.Join(", ", accepted.Select(s => s.Participant))}");
        }

        if (world.ModelsWhenCancelled is { } kept)
        {
            if (run.Status is not RunStatus.Cancelled)
                return Wrong($"the run was cancelled and is {run.Status}");
            if (await db.Rounds.AnyAsync(round => round.ClosedAt == null))
                return Wrong("the run was cancelled and has an open round");
            if (!models.Values.OrderBy(m => m.Round).Select(m => m.WeightsSha256).SequenceEqual(kept))
                return Wrong("the run was cancelled and has other weights than it had then");
            undisturbed = false;
        }
        else if (run.Status is not RunStatus.Completed && !(world.Scenario.MayCut && run.Reason?.Contains("missing", StringComparison.Ordinal) == true))
            return Wrong($"the run ended as {run.Status}: {run.Reason}");
        if (!undisturbed && !world.Scenario.MayCut && world.ModelsWhenCancelled is null)
            return Wrong("a round was closed without somebody although no deadline or goal could");

        foreach (var (round, participant, workerId, claimedAt) in world.Trainings)
            if (submissions.Find(s => s.Round == round && s.Participant == participant) is { } stored
                && stored.ReceivedAt < db.Now - world.Now + claimedAt)
                return Wrong($"{workerId} trained round {round} of {participant}, whose submission was stored before it claimed");
        if (world.Trainings.GroupBy(t => (t.Round, t.Participant, t.WorkerId, t.ClaimedAt)).FirstOrDefault(g => g.Count() > 1) is { } twice)
            return Wrong($"{twice.Key.WorkerId} trained round {twice.Key.Round} of {twice.Key.Participant} twice");

        // Every answer left one line: as what it was, or as the copy that it was. Copies of commands have no participant.
        var noted = await db.Events.CountAsync(e => AnswerKinds.Contains(e.Kind) || (e.Kind == EventKind.Duplicate && e.Participant != null));
        if (noted != world.AnswersHandled)
            return Wrong($"{world.AnswersHandled} answers came and the history has {noted}");

        // The same once more by the program's own words; it reads so much that not every world can have it.
        if (seed % 16 == 0 && await RunVerification.Load(db, Scenario.RunId, CancellationToken.None) is { Sound: false } verification)
            return Wrong(verification.Verdict);
        return new(seed, null, undisturbed, WeightBytes.Sha256(WeightBytes.From(global)));

        SeedResult Wrong(string problem) => new(seed, problem, undisturbed);
    }
}
