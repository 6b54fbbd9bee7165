using FedQueue.Aggregator.Participants;
using FedQueue.Aggregator.Storage;
using FedQueue.Contracts;
using MassTransit;

namespace FedQueue.Aggregator.Rounds;

/// <summary>Answers with a part of global weights; changes nothing.</summary>
internal sealed class FetchWeightsConsumer(FedQueueDbContext db, GlobalWeights weights, Refusals refusals) : IConsumer<FetchWeights>
{
    public async Task Consume(ConsumeContext<FetchWeights> context)
    {
        var request = context.Message;
        var start = (request.Part - 1) * request.PartLength;
        var part = await weights.Of(db, request.RunId, request.Round, request.WeightsSha256, start, request.PartLength, context.CancellationToken);
        if (part is null)
        {
            var reason = $"There are no weights {request.WeightsSha256} from which round {request.Round} of run {request.RunId} starts.";
            await context.Reply(new WeightsUnavailable { Reason = reason }, refusals);
            return;
        }

        if (part.Value.Length == 0)
        {
            var reason = $"Weights {request.WeightsSha256} have no part {request.Part} of {request.PartLength} bytes.";
            await context.Reply(new WeightsUnavailable { Reason = reason }, refusals);
            return;
        }

        await context.Reply(new WeightsFetched { Weights = part.Value }, refusals);
    }
}

internal sealed class FetchWeightsConsumerDefinition : ConsumerDefinition<FetchWeightsConsumer>
{
    public FetchWeightsConsumerDefinition()
    {
        EndpointName = "fedqueue-weights";

        // Each answer under way is a part in memory.
        ConcurrentMessageLimit = 2;
    }
}
