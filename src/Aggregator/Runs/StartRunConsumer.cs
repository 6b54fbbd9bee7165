using FedQueue.Aggregator.Storage;
using FedQueue.Contracts;
using MassTransit;

namespace FedQueue.Aggregator.Runs;

internal sealed class StartRunConsumer(FedQueueDbContext db, RunStart runStart, ILogger<StartRunConsumer> log) : IConsumer<StartRun>
{
    public Task Consume(ConsumeContext<StartRun> context) => db.Transact(async () =>
    {
        var command = context.Message;
        if (PlanCheck.ProblemOf(command) is { } problem)
        {
            log.RunRefused(command.RunId, problem);
            return;
        }

        var known = await db.Runs.FindAsync([command.RunId], context.CancellationToken);
        if (known is { Status: RunStatus.Waiting })
        {
            known.PlanJson = RunRow.For(command, db.Now).PlanJson;
            known.StartsBy = db.Now + command.Plan.StartWithin;
            await runStart.TryStartNext(context.CancellationToken);
            return;
        }

        if (known is not null && known.PlanJson != RunRow.For(command, db.Now).PlanJson)
            log.PlanKept(command.RunId);
        if (known is not null)
            return;

        db.Runs.Add(RunRow.For(command, db.Now));
        db.Note(command.RunId, null, EventKind.RunCreated, null, $"Seed {command.Plan.Seed}, {command.Plan.Rounds} rounds of {command.Plan.Training.Epochs} epochs.");
        await runStart.TryStartNext(context.CancellationToken);
    }, context.CancellationToken);
}

internal sealed class StartRunConsumerDefinition : ConsumerDefinition<StartRunConsumer>
{
    public StartRunConsumerDefinition()
    {
        EndpointName = "fedqueue-runs";
        ConcurrentMessageLimit = 1;
    }

    protected override void ConfigureConsumer(
        IReceiveEndpointConfigurator endpoint, IConsumerConfigurator<StartRunConsumer> consumer, IRegistrationContext context) =>
        endpoint.RetryWhileStorageIsAway();
}
