using FedQueue.Aggregator.Participants;
using FedQueue.Aggregator.Runs;
using FedQueue.Aggregator.Storage;
using FedQueue.Contracts;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace FedQueue.Aggregator.Rounds;

/// <summary>Fixes who takes part in a round, its goal and its deadline, and tells the participants.</summary>
internal sealed class RoundOpening(FedQueueDbContext db, IOptions<ParticipantOptions> options, ILogger<RoundOpening> log)
{
    /// <param name="round">A round of which only the id is known.</param>
    /// <param name="run">Its run, which is under way.</param>
    /// <param name="number">Of the round, from 1.</param>
    /// <param name="before">Who took part in the round before it.</param>
    /// <param name="weightsSha256">Of the global weights that it starts from.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    public async Task Open(
        RoundState round, RunRow run, int number, IEnumerable<string> before, string weightsSha256, CancellationToken cancellationToken)
    {
        var plan = run.Plan();
        var participants = await db.Queries.Participants(db).ToListAsync(cancellationToken);
        var unfit = PlanOffers.Unfit(run, participants).Select(p => p.Name).ToHashSet();
        var present = participants.Where(db.Leases.IsPresent).Select(p => p.Name);

        round.RunId = run.Id;
        round.Round = number;
        round.EvaluateOnly = number > plan.Rounds;

        // Who took part once belongs to the run until its end: whether a worker happened to be away when a round
        // opened must not decide the result.
        round.Participants = [.. present.Union(before).Where(name => !unfit.Contains(name)).Order(StringComparer.Ordinal)];
        round.PartLength = options.Value.PartLength;
        round.OpenedAt = db.Now;
        round.ClosesAt = db.Now + plan.Deadline;
        using var span = RoundMetrics.Source.StartStep("open", round.CorrelationId);

        // Everybody is asked for the errors of the final model, but one that somebody cannot give any more must not cost the
        // run its trained model.
        round.Goal = round.EvaluateOnly ? round.Participants.Count : run.Goal;
        round.Minimum = round.EvaluateOnly ? 0 : run.Minimum;
        round.CurrentState = nameof(RoundStateMachine.Collecting);
        run.Round = round.Round;
        db.Publish(RoundMessage.For(round, plan, weightsSha256));
        db.Note(run.Id, round.Round, EventKind.RoundOpened, null,
            $"Goal {round.Goal}, minimum {round.Minimum}, participants {NameList.Of(round.Participants)}.");
        log.RoundOpened(run.Id, round.Place, round.Goal, round.Minimum, round.Participants.Count);
    }
}
