using FedQueue.Aggregator.Storage;
using FedQueue.Contracts;
using MassTransit;
using Microsoft.EntityFrameworkCore;

namespace FedQueue.Aggregator.Rounds;

/// <summary>Opens the round that a command names: the first of a run, or one that a crash or an older program left unopened.</summary>
internal sealed class OpenRound(FedQueueDbContext db, RoundOpening opening) : Step<StartRound>
{
    protected override async Task Run(BehaviorContext<RoundState, StartRound> context)
    {
        var (round, command) = (context.Saga, context.Message);
        var run = await db.RunOf(command.RunId, context.CancellationToken);

        // Cancelled while the command was on its way.
        if (run.HasEnded)
        {
            (round.RunId, round.Round, round.CurrentState) = (run.Id, command.Round, nameof(RoundStateMachine.Failed));
            round.OpenedAt = round.ClosesAt = db.Now;
            round.ClosedAt = db.Now;
            return;
        }

        var earlier = await db.Rounds.SingleOrDefaultAsync(
            r => r.RunId == run.Id && r.Round == command.Round - 1, context.CancellationToken);
        var sha256 = await RoundMessage.WeightsSha256Of(db, run.Id, command.Round, context.CancellationToken);
        await opening.Open(round, run, command.Round, earlier?.Participants ?? run.Participants, sha256, context.CancellationToken);
    }
}
