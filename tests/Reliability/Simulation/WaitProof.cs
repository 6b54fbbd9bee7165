using System.Globalization;
using System.Text.RegularExpressions;
using FedQueue.Aggregator.Rounds;
using FedQueue.Aggregator.Storage;
using Microsoft.EntityFrameworkCore;

namespace FedQueue.Reliability.Simulation;

/// <summary>
/// From whatever state a world has come to, all workers fall silent for ever. Then every wait must say how long it lasts, the
/// state must be left within that time, and so on until the run has ended.
/// </summary>
internal static partial class WaitProof
{
    /// <summary>For a restart or a return of the broker that is under way, and for the clocks' intervals.</summary>
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(140);

    /// <returns>The wait that was not explained or not kept, as a sentence; null when there was none.</returns>
    public static async Task<string?> ProblemOf(SimulatedAggregator aggregator, int seed, ISet<string> states)
    {
        var silentFrom = TimeSpan.FromSeconds(new Random(seed).NextDouble() * 90);
        var world = new World(aggregator, seed);
        await world.Run(w => w.Now >= silentFrom);
        world.Silent = true;

        // What was said before is still on its way.
        var settled = world.Now + Slack;
        await world.Run(w => w.Now >= settled);

        for (var steps = 0; steps < 20; steps++)
        {
            var (state, sentence) = await aggregator.Read(Look);
            if (sentence is null)
                return null;
            states.Add(state.Split('/')[^1]);
            if (Limit(sentence) is not { } limit)
                return $"seed {seed}, {state}: '{sentence}' does not say how long it lasts";

            var until = world.Now + limit + Slack;
            await world.Run(w => w.Now >= until);
            if ((await aggregator.Read(Look)).State == state)
                return $"seed {seed}, {state}: still waiting after '{sentence}'";
        }

        return $"seed {seed}: the run does not end";
    }

    private static async Task<(string State, string? Sentence)> Look(FedQueueDbContext db)
    {
        if (await db.Runs.AsNoTracking().SingleOrDefaultAsync() is not { } run)
            return ("none", null);
        var round = await db.Rounds.AsNoTracking().OrderByDescending(r => r.Round).FirstOrDefaultAsync();
        return ($"{round?.Round}/{run.Status} {round?.CurrentState}{(round?.EvaluateOnly == true ? " evaluating" : "")}",
            await Wait.Sentence(db, run, round, CancellationToken.None));
    }

    private static TimeSpan? Limit(string sentence) => Stated().Match(sentence) is { Success: true } stated
        ? TimeSpan.FromSeconds(int.Parse(stated.Groups["seconds"].Value, CultureInfo.InvariantCulture))
        : sentence.Contains("which is tried every second", StringComparison.Ordinal) ? TimeSpan.FromSeconds(1) : null;

    [GeneratedRegex(@"(closes in|fails in|at most) (?<seconds>\d+) s")]
    private static partial Regex Stated();
}
