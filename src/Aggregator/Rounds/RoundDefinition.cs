using FedQueue.Aggregator.Storage;
using MassTransit;

namespace FedQueue.Aggregator.Rounds;

internal sealed class RoundDefinition : SagaDefinition<RoundState>
{
    /// <summary>Messages handled at a time.</summary>
    internal const int Concurrency = 8;

    public RoundDefinition()
    {
        EndpointName = "fedqueue-rounds";

        // So many share a transaction at most. More would hold more parts of large weights in memory at once.
        ConcurrentMessageLimit = Concurrency;
    }

    protected override void ConfigureSaga(
        IReceiveEndpointConfigurator endpoint, ISagaConfigurator<RoundState> saga, IRegistrationContext context)
    {
        endpoint.PrefetchCount = Concurrency;
        endpoint.RetryWhileStorageIsAway();
    }
}
