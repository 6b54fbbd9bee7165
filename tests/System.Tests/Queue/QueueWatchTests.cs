using System.Text.RegularExpressions;
using FedQueue.Contracts;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;
using Testcontainers.RabbitMq;

namespace FedQueue.System.Tests.Queue;

[Collection("what mostly waits")]
public sealed class QueueWatchTests : IAsyncLifetime
{
    private readonly int port = Network.FreePort();
    private readonly TaskCompletionSource<string> ended = new();
    private readonly Clock clock = new();
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

        // One more than those after which it would have ended the program.
        await Looks(5);
        Assert.False(ended.Task.IsCompleted);

        // The broker logs an error for each look at a queue that somebody has for himself, so there is no second one.
        Assert.Single(Regex.Matches(await LogUpTo("end of the log", connection), "resource_locked"));

        await channel.BasicCancelAsync(reader);
        await Looks(3);
        Assert.False(ended.Task.IsCompleted);
        Assert.Equal(
            "RabbitMQ works, but for 8 s nobody has read lost: the connection was not taken up again. The program ends; start it again.", await End());
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

        // So that it has seen the reader, then as above.
        await Looks(2);
        await broker!.StopAsync();
        await Looks(5);
        Assert.False(ended.Task.IsCompleted);

        await broker.StartAsync();
        Assert.Contains("nobody has read temporary:", await End(), StringComparison.Ordinal);
        await watch.StopAsync(CancellationToken.None);
    }

    private async Task<QueueWatch> Watch(params string[] queues)
    {
        var watch = new QueueWatch(Factory(), "RabbitMQ", new BrokerLink(clock, NullLogger<BrokerLink>.Instance), reason => ended.TrySetResult(reason), clock);
        foreach (var queue in queues)
            watch.Begin(queue);
        await watch.StartAsync(CancellationToken.None);
        await UntilAsleep();
        return watch;
    }

    /// <summary>Returns when the watch has looked so often and waits for its next look, or has ended the program.</summary>
    private async Task Looks(int count)
    {
        for (var look = 0; look < count; look++)
        {
            clock.Advance(QueueWatch.Interval);
            await UntilAsleep();
        }
    }

    private async Task UntilAsleep() => await Task.WhenAny(clock.Asleep.WaitAsync(), ended.Task).WaitAsync(Hang.Limit);

    /// <summary>Has it look until it ends the program, more often than it must where a look fails on a slow machine.</summary>
    private async Task<string> End()
    {
        await Eventually.Holds(
            () =>
            {
                clock.Advance(QueueWatch.Interval);
                return Task.FromResult(ended.Task.IsCompleted);
            },
            () => "the program is ended");
        return await ended.Task;
    }

    /// <summary>What the broker has logged until now, which it writes later than it answers.</summary>
    private async Task<string> LogUpTo(string mark, IConnection connection)
    {
        await using var channel = await connection.CreateChannelAsync();
        await Assert.ThrowsAsync<OperationInterruptedException>(() => channel.QueueDeclarePassiveAsync(mark));
        var log = "";
        await Eventually.Holds(async () => (log = (await broker!.GetLogsAsync()).Stdout).Contains($"no queue '{mark}'", StringComparison.Ordinal), () => log);
        return log;
    }

    private ConnectionFactory Factory() => new() { Port = port, UserName = "fedqueue", Password = "fedqueue", AutomaticRecoveryEnabled = false };

    /// <summary>A clock that tells when somebody waits for it.</summary>
    private sealed class Clock : FakeTimeProvider
    {
        public SemaphoreSlim Asleep { get; } = new(0);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = base.CreateTimer(callback, state, dueTime, period);
            Asleep.Release();
            return timer;
        }
    }
}
