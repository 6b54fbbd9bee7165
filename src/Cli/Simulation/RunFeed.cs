using System.Threading.Channels;
using FedQueue.Contracts;
using MassTransit;

namespace FedQueue.Cli.Simulation;

/// <summary>What the watcher of a run hears from the bus.</summary>
internal sealed class RunFeed
{
    private readonly Channel<object> messages = Channel.CreateUnbounded<object>(new UnboundedChannelOptions { SingleReader = true });

    public void Add(object message) => messages.Writer.TryWrite(message);

    public IAsyncEnumerable<object> ReadAll(CancellationToken cancellationToken) => messages.Reader.ReadAllAsync(cancellationToken);
}

internal sealed class RunFeedConsumer(RunFeed feed)
    : IConsumer<TrainingProgressed>, IConsumer<RoundCompleted>, IConsumer<RunCompleted>, IConsumer<RunFailed>
{
    public Task Consume(ConsumeContext<TrainingProgressed> context) => Add(context.Message);
    public Task Consume(ConsumeContext<RoundCompleted> context) => Add(context.Message);
    public Task Consume(ConsumeContext<RunCompleted> context) => Add(context.Message);
    public Task Consume(ConsumeContext<RunFailed> context) => Add(context.Message);

    private Task Add(object message)
    {
        feed.Add(message);
        return Task.CompletedTask;
    }
}
