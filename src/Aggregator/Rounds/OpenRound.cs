using FedQueue.Aggregator.Participants;
using FedQueue.Aggregator.Storage;
using FedQueue.Contracts;
using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace FedQueue.Aggregator.Rounds;

/// <summary>Fixes who takes part, goal and deadline, and tells the participants.</summary>
internal sealed class OpenRound(FedQueueDbContext db, IOptions<ParticipantOptions> options, ILogger<OpenRound> log) : Step<StartRound>
{
    protected override async Task Run(BehaviorContext<RoundState, StartRound> context)
    {
        var (round, command) = (context.Saga, context.Message);
        var run = await db.RunOf(command.RunId, context.CancellationToken);
        var plan = run.Plan();

        // Who took part once belongs to the run until its end: whether a worker happened to be away when a round
        // opened must not decide the result.
        var earlier = await db.Rounds.SingleOrDefaultAsync(
            r => r.RunId == run.Id && r.Round == command.Round - 1, context.CancellationToken);
        var participants = await db.Participants.ToListAsync(context.CancellationToken);
        var present = participants.Where(db.Leases.IsPresent).Select(p => p.Name).ToList();

        round.RunId = run.Id;
        round.Round = command.Round;
        round.EvaluateOnly = command.Round > plan.Rounds;
        round.Participants = [.. present.Union(earlier?.Participants ?? run.Participants).Order(StringComparer.Ordinal)];
        round.PartLength = options.Value.PartLength;
        round.OpenedAt = db.Now;
        round.ClosesAt = db.Now + plan.Deadline;
        using var span = RoundMetrics.Source.StartStep("open", round.CorrelationId);

        // Everybody is asked for the errors of the final model, but one that somebody cannot give any more must not cost the
        // run its trained model.
        round.Goal = round.EvaluateOnly ? round.Participants.Count : run.Goal;
        round.Minimum = round.EvaluateOnly ? 0 : run.Minimum;

        // Its run was cancelled while the command was on its way.
        if (run.HasEnded)
        {
            round.CurrentState = nameof(RoundStateMachine.Failed);
            round.ClosedAt = db.Now;
            return;
        }

        run.Round = round.Round;
        db.Publish(await RoundMessage.For(db, round, plan, context.CancellationToken));
        db.Note(run.Id, round.Round, EventKind.RoundOpened, null,
            $"Goal {round.Goal}, minimum {round.Minimum}, participants {string.Join(", ", round.Participants)}.");
        log.RoundOpened(run.Id, round.Round, round.Goal, round.Minimum, round.Participants.Count);
    }
}
