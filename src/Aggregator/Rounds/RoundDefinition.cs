using FedQueue.Aggregator.Storage;
using MassTransit;

namespace FedQueue.Aggregator.Rounds;

internal sealed class RoundDefinition : SagaDefinition<RoundState>
{
    public RoundDefinition()
    {
        EndpointName = "fedqueue-rounds";

        // SQLite has one writer, so more than one message at a time would only wait for each other.
        ConcurrentMessageLimit = 1;
    }

    protected override void ConfigureSaga(
        IReceiveEndpointConfigurator endpoint, ISagaConfigurator<RoundState> saga, IRegistrationContext context) =>
        endpoint.RetryWhileStorageIsAway();
}
