using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace FedQueue.Contracts;

/// <summary>How FedQueue's programs write their log.</summary>
public static class ConsoleLog
{
    /// <summary>One line a message, on standard error: time in UTC, level, number, text. Of the libraries only what is wrong.</summary>
    public static ILoggingBuilder AddFedQueueConsole(this ILoggingBuilder logging)
    {
        logging.AddFilter("Microsoft", LogLevel.Warning).AddFilter("MassTransit", LogLevel.Warning);

        // Lines such as R-RETRY and S-FAULT: FailedMessages and whoever sends say the same in sentences.
        logging.AddFilter("MassTransit.Messages", LogLevel.None);

        // Whose start failed says why in a sentence (Startup); of a service that fails later there is a critical line too.
        logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.Critical);
        logging.Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        return logging.AddConsole(console => console.FormatterName = LineFormatter.FormatterName)
            .AddConsoleFormatter<LineFormatter, ConsoleFormatterOptions>();
    }

    private sealed class LineFormatter() : ConsoleFormatter(FormatterName)
    {
        public const string FormatterName = "fedqueue";

        private readonly RareLines others = new(TimeProvider.System);

        public override void Write<TState>(in LogEntry<TState> entry, IExternalScopeProvider? scopes, TextWriter output)
        {
            // FailedMessages and whoever sends say the same in a sentence.
            if (entry.Category.StartsWith("MassTransit", StringComparison.Ordinal) && entry.Formatter(entry.State, entry.Exception) is ['R' or 'S', '-', 'F', ..])
                return;

            // A library that cannot reach something says so at every try.
            var meanwhile = 0;
            var isOurs = entry.Category.StartsWith("FedQueue.", StringComparison.Ordinal);
            if (!isOurs && !others.MaySay($"{entry.Category} {TemplateOf(entry.State)}", out meanwhile))
                return;

            var level = entry.LogLevel switch
            {
                LogLevel.Critical => "crit",
                LogLevel.Error => "fail",
                LogLevel.Warning => "warn",
                LogLevel.Information => "info",
                _ => "debug",
            };
            var line = string.Create(CultureInfo.InvariantCulture,
                $"{DateTime.UtcNow:HH:mm:ss} {level} {entry.EventId.Id:0000} {entry.Formatter(entry.State, entry.Exception)}");

            // A warning passes by itself, and its cause is enough; an error of ours is for whoever mends the program.
            if (entry.Exception is { } exception)
                line += isOurs && entry.LogLevel >= LogLevel.Error ? $" {exception}" : $" ({exception.GetBaseException().Message})";
            output.WriteLine(PlainText.Of((line + RareLines.Meanwhile(meanwhile)).ReplaceLineEndings(" ")));
        }

        private static object? TemplateOf<TState>(TState state) =>
            (state as IReadOnlyList<KeyValuePair<string, object?>>)?.LastOrDefault(value => value.Key == "{OriginalFormat}").Value ?? state?.ToString();
    }
}
