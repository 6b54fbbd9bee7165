using System.Threading.Channels;
using FedQueue.Contracts;
using MassTransit;

namespace FedQueue.Cli.Simulation;

/// <summary>What the watcher of a run hears from the bus.</summary>
internal sealed class RunFeed
{
    private readonly Channel<object> messages = Channel.CreateUnbounded<object>(new UnboundedChannelOptions { SingleReader = true });

    public void Add(object message) => messages.Writer.TryWrite(message);

    /// <summary>Adds a <see cref="Tick"/> every second until it is disposed.</summary>
    public IDisposable TickEverySecond() => new Timer(_ => Add(new Tick()), null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));

    public IAsyncEnumerable<object> ReadAll(CancellationToken cancellationToken) => messages.Reader.ReadAllAsync(cancellationToken);
}

/// <summary>The process that trains is ending, whoever wanted that.</summary>
internal sealed record HostStopping;

/// <summary>Time to look whom the run waits for.</summary>
internal sealed record Tick;

internal sealed class RunFeedConsumer(RunFeed feed)
    : IConsumer<TrainingProgressed>, IConsumer<RoundCompleted>, IConsumer<RunCompleted>, IConsumer<RunFailed>, IConsumer<RunCancelled>
{
    public Task Consume(ConsumeContext<TrainingProgressed> context) => Add(context.Message);
    public Task Consume(ConsumeContext<RoundCompleted> context) => Add(context.Message);
    public Task Consume(ConsumeContext<RunCompleted> context) => Add(context.Message);
    public Task Consume(ConsumeContext<RunFailed> context) => Add(context.Message);
    public Task Consume(ConsumeContext<RunCancelled> context) => Add(context.Message);

    private Task Add(object message)
    {
        feed.Add(message);
        return Task.CompletedTask;
    }
}
