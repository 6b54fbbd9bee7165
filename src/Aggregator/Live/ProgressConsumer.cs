using FedQueue.Contracts;
using MassTransit;

namespace FedQueue.Aggregator.Live;

/// <summary>Hears of epochs for those who watch. Every aggregator hears all of them, and none is kept for one that is away.</summary>
internal sealed class ProgressConsumer(LiveFeed feed) : IConsumer<TrainingProgressed>
{
    public Task Consume(ConsumeContext<TrainingProgressed> context)
    {
        feed.Add(new EpochDone(context.Message));
        return Task.CompletedTask;
    }
}

internal sealed class ProgressConsumerDefinition : ConsumerDefinition<ProgressConsumer>
{
    // A queue of each aggregator's own, which goes with it.
    public ProgressConsumerDefinition() => Endpoint(endpoint =>
    {
        endpoint.Name = $"fedqueue-progress-{Guid.NewGuid():N}";
        endpoint.Temporary = true;
    });
}
