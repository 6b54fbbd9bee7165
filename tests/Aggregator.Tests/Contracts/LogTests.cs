using FedQueue.Contracts;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace FedQueue.Aggregator.Tests.Contracts;

public sealed class LogTests
{
    [Fact]
    public async Task A_message_that_cannot_be_handled_is_said_in_a_sentence_and_everything_else_goes_on()
    {
        await using var aggregator = await AggregatorHost.Start();

        await aggregator.Bus.Publish(new StartRun { RunId = "run", Plan = null! });

        var line = await AggregatorHost.Until(
            () => Task.FromResult(aggregator.Logged.FirstOrDefault(line => line.Contains("could not be handled", StringComparison.Ordinal))), "the sentence");
        Assert.Matches(@"A StartRun from \S+ could not be handled \(.+\); it is kept in \S+_error for a week, and everything else goes on", line);
        await aggregator.Join("a");
    }

    /// <summary>R-RETRY, R-FAULT and S-FAULT are for who knows MassTransit's code.</summary>
    [Fact]
    public void Lines_of_MassTransit_about_single_messages_are_left_out_and_its_warnings_are_not()
    {
        using var services = new ServiceCollection().AddLogging(logging => logging.AddFedQueueConsole()).BuildServiceProvider();
        var loggers = services.GetRequiredService<ILoggerFactory>();

        Assert.False(loggers.CreateLogger("MassTransit.Messages").IsEnabled(LogLevel.Critical));
        Assert.True(loggers.CreateLogger("MassTransit").IsEnabled(LogLevel.Warning));
    }
}
