using RabbitMQ.Client;

namespace FedQueue.System.Tests.Queue;

/// <summary>Objects that are there with other arguments, and rights that are missing: status 2 and a sentence, from whoever needs them.</summary>
[Collection(SharesBroker.Name)]
public sealed class BrokerRefusalTests(Broker broker) : IAsyncLifetime
{
    private readonly LiveServices services = new(broker);

    public Task InitializeAsync() => services.MakeVirtualHost();

    public async Task DisposeAsync() => await services.DisposeAsync();

    [DockerFact]
    public async Task A_queue_of_the_aggregator_with_other_arguments_ends_it()
    {
        await Declare(channel => channel.QueueDeclareAsync("fedqueue-rounds", durable: false, exclusive: false, autoDelete: true));

        await EndsWith(services.Aggregator(), "inequivalent arg 'durable' for queue 'fedqueue-rounds' in vhost");
    }

    [DockerFact]
    public async Task A_queue_of_a_participant_with_other_arguments_ends_its_worker()
    {
        await services.ReadyAggregator();
        await Declare(channel => channel.QueueDeclareAsync("fedqueue-participant-task_001", durable: true, exclusive: false, autoDelete: false));

        await EndsWith(services.Worker(), "inequivalent arg 'x-max-length' for queue 'fedqueue-participant-task_001' in vhost");
    }

    [DockerFact]
    public async Task An_exchange_of_another_type_ends_who_publishes_there()
    {
        await Declare(channel => channel.ExchangeDeclareAsync("FedQueue.Contracts:ClaimParticipant", ExchangeType.Direct, durable: true));

        await EndsWith(services.Worker(), "inequivalent arg 'type' for exchange 'FedQueue.Contracts:ClaimParticipant' in vhost");
    }

    [DockerFact]
    public async Task A_worker_that_may_not_read_its_queue_ends_and_holds_nobody()
    {
        await services.ReadyAggregator();
        await broker.Permit(services.VirtualHost, read: "^(?!fedqueue-participant-).*$");

        var worker = services.Worker();
        await EndsWith(worker, "ACCESS_REFUSED - read access to ");
        Assert.Contains($"let user '{Broker.User}'", worker.Error, StringComparison.Ordinal);
        await services.Programs[0].Until(p => p.Error.Contains("task_001 given back", StringComparison.Ordinal), "the participant is free");
    }

    private static async Task EndsWith(RunningProgram program, string reason)
    {
        Assert.Equal(2, await program.Exit());
        Assert.True(program.Error.Contains(reason, StringComparison.Ordinal), program.Error);
        Assert.Contains("and start again.", program.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", program.Error, StringComparison.Ordinal);
    }

    private async Task Declare(Func<IChannel, Task> declare)
    {
        await using var connection = await broker.Connect(services.VirtualHost);
        await using var channel = await connection.CreateChannelAsync();
        await declare(channel);
    }
}
