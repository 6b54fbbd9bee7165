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
    /// <summary>A queue of each aggregator's own.</summary>
    private static readonly string Queue = $"fedqueue-progress-{Guid.NewGuid():N}";

    public ProgressConsumerDefinition() => EndpointName = Queue;

    protected override void ConfigureConsumer(
        IReceiveEndpointConfigurator endpoint, IConsumerConfigurator<ProgressConsumer> consumer, IRegistrationContext context) => endpoint.GoWithItsReader();
}
