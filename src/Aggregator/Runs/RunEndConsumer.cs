using FedQueue.Contracts;
using MassTransit;

namespace FedQueue.Aggregator.Runs;

/// <summary>Shows the end of every run in the log.</summary>
internal sealed class RunEndConsumer(RunReport report) : IConsumer<RunCompleted>, IConsumer<RunFailed>
{
    public Task Consume(ConsumeContext<RunCompleted> context) => report.LogEnd(context.Message.RunId, context.CancellationToken);

    public Task Consume(ConsumeContext<RunFailed> context) => report.LogEnd(context.Message.RunId, context.CancellationToken);
}

internal sealed class RunEndConsumerDefinition : ConsumerDefinition<RunEndConsumer>
{
    public RunEndConsumerDefinition() => EndpointName = "fedqueue-run-ends";
}
