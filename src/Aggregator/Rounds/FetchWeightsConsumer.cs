using FedQueue.Aggregator.Participants;
using FedQueue.Aggregator.Storage;
using FedQueue.Contracts;
using MassTransit;

namespace FedQueue.Aggregator.Rounds;

/// <summary>Answers with a part of global weights; changes nothing.</summary>
internal sealed class FetchWeightsConsumer(FedQueueDbContext db, GlobalWeights weights, ILogger<FetchWeightsConsumer> log) : IConsumer<FetchWeights>
{
    public async Task Consume(ConsumeContext<FetchWeights> context)
    {
        var request = context.Message;
        var whole = await weights.Of(db, request.RunId, request.Round, request.WeightsSha256, context.CancellationToken);
        if (whole is null)
        {
            var reason = $"There are no weights {request.WeightsSha256} from which round {request.Round} of run {request.RunId} starts.";
            await context.Reply(new WeightsUnavailable { Reason = reason }, request.WorkerId, log);
            return;
        }

        if (request.PartLength < 1 || request.Part < 1 || request.Part > WeightParts.Count(whole.Length, request.PartLength))
        {
            var reason = $"Weights of {whole.Length} bytes have no part {request.Part} of {request.PartLength} bytes.";
            await context.Reply(new WeightsUnavailable { Reason = reason }, request.WorkerId, log);
            return;
        }

        var part = WeightParts.Of(whole, request.Part, request.PartLength).ToArray();
        await context.Reply(new WeightsFetched { Weights = part }, request.WorkerId, log);
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
