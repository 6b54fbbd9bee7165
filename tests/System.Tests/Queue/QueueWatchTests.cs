using System.Text.RegularExpressions;
using FedQueue.Contracts;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using Testcontainers.RabbitMq;

namespace FedQueue.System.Tests.Queue;

[Collection("what mostly waits")]
public sealed class QueueWatchTests : IAsyncLifetime
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly int port = Network.FreePort();
    private readonly TaskCompletionSource<string> ended = new();
    private RabbitMqContainer? broker;

    public async Task InitializeAsync()
    {
        if (Environment.GetEnvironmentVariable("FEDQUEUE_DOCKER") != "1")
            return;

        broker = new RabbitMqBuilder("rabbitmq:4.0.5-management").WithUsername("fedqueue").WithPassword("fedqueue").WithPortBinding(port, 5672).Build();
        await broker.StartAsync();
    }

    public async Task DisposeAsync()
    {
        if (broker is not null)
            await broker.DisposeAsync();
    }

    [DockerFact]
    public async Task A_queue_that_loses_its_reader_while_the_broker_works_ends_the_program()
    {
        await using var connection = await Factory().CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        foreach (var queue in new[] { "read", "lost" })
            await channel.QueueDeclareAsync(queue, durable: true, exclusive: false, autoDelete: false);
        await channel.BasicConsumeAsync("read", autoAck: true, new AsyncEventingBasicConsumer(channel));
        await channel.QueueDeclareAsync("locked", durable: false, exclusive: true, autoDelete: true);
        var reader = await channel.BasicConsumeAsync("lost", autoAck: true, new AsyncEventingBasicConsumer(channel));

        using var watch = await Watch("read", "locked", "never declared", "lost");

        // Longer than the 8 s after which it would have ended the program: that nothing happens has no other sign than time.
        await Task.Delay(TimeSpan.FromSeconds(10));
        Assert.False(ended.Task.IsCompleted);

        // The broker logs an error for each look at a queue that somebody has for himself, or that is not there.
        var (log, _) = await broker!.GetLogsAsync();
        Assert.Single(Regex.Matches(log, "resource_locked"));
        Assert.Single(Regex.Matches(log, "not_found"));

        await channel.BasicCancelAsync(reader);
        Assert.Equal(
            "RabbitMQ works, but for 8 s nobody has read lost: the connection was not taken up again. The program ends; start it again.",
            await ended.Task.WaitAsync(Limit));
        await watch.StopAsync(CancellationToken.None);
    }

    [DockerFact]
    public async Task A_temporary_queue_that_went_with_the_broker_ends_the_program_once_the_broker_is_back()
    {
        await using var connection = await Factory().CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        await channel.QueueDeclareAsync("temporary", durable: false, exclusive: false, autoDelete: true);
        await channel.BasicConsumeAsync("temporary", autoAck: true, new AsyncEventingBasicConsumer(channel));
        using var watch = await Watch("temporary", "never declared");

        // Two looks, so that it has seen the reader; then longer than the 8 s, as above.
        await Task.Delay(TimeSpan.FromSeconds(5));
        await broker!.StopAsync();
        await Task.Delay(TimeSpan.FromSeconds(10));
        Assert.False(ended.Task.IsCompleted);

        await broker.StartAsync();
        Assert.Contains("nobody has read temporary:", await ended.Task.WaitAsync(Limit), StringComparison.Ordinal);
        await watch.StopAsync(CancellationToken.None);
    }

    private async Task<QueueWatch> Watch(params string[] queues)
    {
        var watch = new QueueWatch(Factory(), reason => ended.TrySetResult(reason));
        foreach (var queue in queues)
            watch.Begin(queue);
        await watch.StartAsync(CancellationToken.None);
        return watch;
    }

    private ConnectionFactory Factory() => new() { Port = port, UserName = "fedqueue", Password = "fedqueue", AutomaticRecoveryEnabled = false };
}
