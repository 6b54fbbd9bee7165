using System.Diagnostics;
using FedQueue.Contracts;
using MassTransit;

namespace FedQueue.Bench.Rounds;

/// <summary>Notes when each round ended, and the aggregator's memory then.</summary>
internal sealed class RoundWatch
{
    private readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>End of each round that trained.</summary>
    public List<(long Timestamp, long Memory)> Rounds { get; } = [];

    /// <summary>The run is over, its evaluating round too.</summary>
    public Task Ended => ended.Task;

    /// <summary>Whose memory counts.</summary>
    public ProcessMemory Memory { get; set; } = ProcessMemory.OfThisProcess;

    public void Completed(RoundCompleted round)
    {
        if (!round.EvaluateOnly)
            Rounds.Add((Stopwatch.GetTimestamp(), Memory.Now()));
    }

    public void Completed() => ended.TrySetResult();

    public void Failed(RunFailed run) => ended.TrySetException(new InvalidOperationException(run.Reason));
}

internal sealed class RoundWatchConsumer(RoundWatch watch) : IConsumer<RoundCompleted>, IConsumer<RunCompleted>, IConsumer<RunFailed>
{
    public Task Consume(ConsumeContext<RoundCompleted> context)
    {
        watch.Completed(context.Message);
        return Task.CompletedTask;
    }

    public Task Consume(ConsumeContext<RunCompleted> context)
    {
        watch.Completed();
        return Task.CompletedTask;
    }

    public Task Consume(ConsumeContext<RunFailed> context)
    {
        watch.Failed(context.Message);
        return Task.CompletedTask;
    }
}

internal sealed class RoundWatchConsumerDefinition : ConsumerDefinition<RoundWatchConsumer>
{
    public RoundWatchConsumerDefinition()
    {
        Endpoint(endpoint => endpoint.Temporary = true);
        ConcurrentMessageLimit = 1;
    }
}
