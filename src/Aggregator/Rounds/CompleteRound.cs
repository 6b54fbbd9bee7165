using System.Runtime.CompilerServices;
using FedQueue.Aggregator.Aggregation;
using FedQueue.Aggregator.Runs;
using FedQueue.Aggregator.Storage;
using FedQueue.Contracts;
using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace FedQueue.Aggregator.Rounds;

/// <summary>Averages the submissions into the next global weights and opens the next round with them, or ends the run after its evaluating round.</summary>
internal sealed class CompleteRound(
    FedQueueDbContext db, RoundOpening opening, RunEnd runEnd, SubmissionParts parts, GlobalWeights weights, InitialErrors errors, RoundMetrics metrics,
    IOptions<StorageOptions> storage, ILogger<CompleteRound> log) : Step
{
    protected override async Task Run(BehaviorContext<RoundState> context)
    {
        var round = context.Saga;
        round.ClosedAt = db.Now;
        var run = await db.RunOf(round.RunId, context.CancellationToken);
        var submissions = await SubmissionParts.OfRound(db, run, round.Round, context.CancellationToken);

        // The answer that closed the round is not in the database yet, nor are those that came with it.
        submissions.AddRange(db.ChangeTracker.Entries<SubmissionRow>()
            .Where(entry => entry.State == EntityState.Added && entry.Entity.RoundId == round.CorrelationId).Select(entry => entry.Entity));

        // The errors are sums of floating-point numbers too, and the contributors are listed by name.
        submissions.Sort((a, b) => string.CompareOrdinal(a.Participant, b.Participant));

        var error = HeldOutError.Weighted([.. submissions.Select(s => s.GlobalError())]);
        var model = round.EvaluateOnly
            ? await db.Queries.Model(db, run.Id, round.Round - 1, context.CancellationToken)
            : await Aggregate(run.Plan(), round, submissions, context.CancellationToken);
        await parts.Sweep(round, run.Plan().Model(), context.CancellationToken);
        await ForgetOldWeights(round, context.CancellationToken);

        db.Publish(new RoundCompleted
        {
            RoundId = round.CorrelationId,
            RunId = run.Id,
            Round = round.Round,
            EvaluateOnly = round.EvaluateOnly,
            Contributors = [.. submissions.Select(s => s.Participant)],
            Missing = [.. round.Missing],
            WeightsSha256 = model.WeightsSha256,
            StartError = error,
        });
        db.Note(run.Id, round.Round, EventKind.RoundCompleted, null,
            $"{submissions.Count} submissions, missing {(round.Missing.Any() ? NameList.Of(round.Missing) : "nobody")}, SHA-256 {model.WeightsSha256}.");
        log.RoundCompleted(run.Id, round.Place, submissions.Count, Figure.Of(error?.RootMeanSquaredError()), model.WeightsSha256);
        if (round.Round > 1)
            await NoteDivergence(run, round.Round - 1, error?.RootMeanSquaredError(), context.CancellationToken);

        if (round.EvaluateOnly)
            await runEnd.Complete(run, model, error, context.CancellationToken);
        else
            await OpenNext(run, round, model.WeightsSha256, context.CancellationToken);
    }

    /// <summary>In the same transaction: a command in between would cost each round a message, a commit and a flush.</summary>
    private Task OpenNext(RunRow run, RoundState round, string weightsSha256, CancellationToken cancellationToken)
    {
        var number = round.Round + 1;
        var next = new RoundState { CorrelationId = RoundIdentity.Of(run.Id, number) };
        db.AddRound(next);
        return opening.Open(next, run, number, round.Participants, weightsSha256, cancellationToken);
    }

    /// <summary>A run that makes its model worse goes on, because the plan says so; whoever watches must not miss it.</summary>
    private async Task NoteDivergence(RunRow run, int round, double? rmse, CancellationToken cancellationToken)
    {
        var initial = await errors.Rmse(db, run.Id, cancellationToken);
        if (Divergence.OfRound(run.Plan(), round, initial, rmse) is not { } sentence)
            return;
        db.Note(run.Id, round, EventKind.Diverged, null, sentence);
        log.ModelDoubtful(run.Id, sentence);
    }

    private async Task<ModelRow> Aggregate(RunPlan plan, RoundState round, List<SubmissionRow> submissions, CancellationToken cancellationToken)
    {
        using var span = metrics.Aggregation(round.CorrelationId, plan.Rule, submissions.Count);
        var model = await ModelRow.Add(
            db, round.RunId, round.Round, plan.Model().ParameterCount() * sizeof(float), Aggregate(db, plan, submissions, cancellationToken), cancellationToken);
        weights.Keep(model);
        return model;
    }

    private async Task ForgetOldWeights(RoundState round, CancellationToken cancellationToken)
    {
        if (storage.Value.KeepRounds is not { } kept || round.EvaluateOnly)
            return;

        await db.Submissions.Where(s => s.RunId == round.RunId && s.Round <= round.Round - kept && s.Weights != null)
            .ExecuteUpdateAsync(s => s.SetProperty(row => row.Weights, (byte[]?)null), cancellationToken);
        await db.SubmissionParts.Where(p => p.RunId == round.RunId && p.Round <= round.Round - kept).ExecuteDeleteAsync(cancellationToken);
        await db.Quarantine.Where(q => q.RunId == round.RunId && q.Round <= round.Round - kept && q.Weights != null)
            .ExecuteUpdateAsync(q => q.SetProperty(row => row.Weights, (byte[]?)null), cancellationToken);
    }

    /// <summary>The next global weights out of all accepted submissions of a round, whose weights must still be there.</summary>
    /// <returns>
    /// Little-endian float32 in parts as those of the submissions, each to be used before the next is asked for. Beside it, the sums of one part and that part of
    /// a few submissions are in memory at a time.
    /// </returns>
    internal static async IAsyncEnumerable<ReadOnlyMemory<byte>> Aggregate(
        FedQueueDbContext db, RunPlan plan, IReadOnlyList<SubmissionRow> submissions, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var rule = AggregationRules.Find(plan.Rule)
            ?? throw new InvalidOperationException($"The run asks for rule '{plan.Rule}', which this version does not have.");

        // Floating-point sums depend on their order: always by name, never by arrival.
        var ordered = submissions.OrderBy(s => s.Participant, StringComparer.Ordinal).ToList();
        var length = plan.Model().ParameterCount() * sizeof(float);
        using var mean = new WeightedMean();
        for (int part = 1, done = 0; done < length; part++)
        {
            var left = ordered.Count;
            PooledBytes? result = null;
            await foreach (var some in SubmissionParts.WeightsOf(db, plan.Model(), ordered, part, cancellationToken))
            {
                var updates = some.Select(s => (s.Weights, rule.Coefficient(s.Submission.SampleCount))).ToList();
                left -= updates.Count;
                if (left > 0)
                    mean.Add(updates);
                else
                    mean.MoveTo((result = new PooledBytes(updates[0].Weights.Length)).Memory, updates);
            }

            using (result)
            {
                yield return result!.Memory;
                done += result.Memory.Length;
            }
        }
    }
}
