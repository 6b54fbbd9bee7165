using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace FedQueue.Contracts;

/// <summary>How FedQueue's programs write their log.</summary>
public static class ConsoleLog
{
    /// <summary>One line a message with its time in UTC, on standard error; of the libraries only what is wrong.</summary>
    public static ILoggingBuilder AddFedQueueConsole(this ILoggingBuilder logging)
    {
        logging.AddFilter("Microsoft", LogLevel.Warning).AddFilter("MassTransit", LogLevel.Warning);
        logging.Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        return logging.AddSimpleConsole(line =>
        {
            line.SingleLine = true;
            line.UseUtcTimestamp = true;
            line.TimestampFormat = "HH:mm:ss ";
        });
    }
}
