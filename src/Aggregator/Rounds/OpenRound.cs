using FedQueue.Aggregator.Storage;
using FedQueue.Contracts;
using MassTransit;

namespace FedQueue.Aggregator.Rounds;

/// <summary>Opens the round that a command names: the first of a run, or one that a crash or an older program left unopened.</summary>
internal sealed class OpenRound(FedQueueDbContext db, RoundOpening opening, Refusals refusals) : Step<StartRound>
{
    protected override async Task Run(BehaviorContext<RoundState, StartRound> context)
    {
        var (round, command) = (context.Saga, context.Message);
        var run = await db.Queries.Run(db, command.RunId, context.CancellationToken);
        var newest = await db.Queries.NewestRound(db, command.RunId, context.CancellationToken);
        if (run is not { Status: RunStatus.Running } || newest is { ClosedAt: null } || command.Round != (newest?.Round ?? 0) + 1)
        {
            // Completed before it was stored, so nothing of it is. A run that was cancelled meanwhile is no news.
            await context.SetCompleted();
            if (run is not { HasEnded: true })
                refusals.Say(nameof(StartRound), $"Run {command.RunId} has no round {command.Round} to open now.");
            return;
        }

        var sha256 = await RoundMessage.WeightsSha256Of(db, run.Id, command.Round, context.CancellationToken);
        await opening.Open(round, run, command.Round, newest?.Participants ?? run.Participants, sha256, context.CancellationToken);
    }
}
