using FedQueue.Aggregator.Storage;
using FedQueue.Contracts;
using MassTransit;

namespace FedQueue.Aggregator.Runs;

internal sealed class StartRunConsumer(FedQueueDbContext db, RunRequest request, Refusals refusals) : IConsumer<StartRun>
{
    public async Task Consume(ConsumeContext<StartRun> context)
    {
        if (request.ProblemOf(context.Message) is { } problem)
        {
            refusals.Say(nameof(StartRun), $"Run {context.Message.RunId}: {problem}");
            return;
        }

        await StorageRetry.Try(context, db, () => db.Transact(() => request.Take(context.Message, context.CancellationToken), context.CancellationToken));
    }
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
