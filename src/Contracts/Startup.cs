using System.Net.Sockets;
using System.Text.RegularExpressions;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using RabbitMQ.Client.Exceptions;

namespace FedQueue.Contracts;

/// <summary>Starts a program, or says in a sentence why it cannot start.</summary>
public static partial class Startup
{
    /// <summary>Exit status for wrong settings and unusable input.</summary>
    public const int Unusable = 2;

    /// <summary>Exit status of a program that should be started again.</summary>
    public const int Restart = 1;

    private static readonly TimeSpan TimeToStop = TimeSpan.FromSeconds(5);

    /// <summary>Builds the host, checks its settings, prepares it and runs it until it is stopped.</summary>
    /// <returns>0, or <see cref="Unusable"/> or <see cref="Restart"/> after a sentence on standard error.</returns>
    public static async Task<int> Run(Func<IHost> build, Func<IServiceProvider, Task>? prepare = null)
    {
        // Settings are read once; a watcher for each process would use up the system's, of which a user has 128.
        Environment.SetEnvironmentVariable("DOTNET_hostBuilder__reloadConfigOnChange", "false");
        IHost host;
        try
        {
            host = build();
            await Check(host.Services, prepare);
        }
        catch (Exception exception) when (IsAboutSettings(exception))
        {
            Console.Error.WriteLine(PlainText.Of(SentenceOf(exception), keep: "\r\n"));
            return Unusable;
        }

        await using var disposing = (IAsyncDisposable)host;
        var lifetime = host.Services.GetRequiredService<IHostApplicationLifetime>();
        using var watch = CancellationTokenSource.CreateLinkedTokenSource(lifetime.ApplicationStarted, lifetime.ApplicationStopping);
        _ = BrokerWatch.EndWhenStuck(host.Services, watch.Token);
        try
        {
            await host.StartAsync();
            await host.WaitForShutdownAsync();
        }
        catch (Exception) when (!HasStarted() && lifetime.ApplicationStopping.IsCancellationRequested)
        {
            // Told to stop while it waited for the broker: the connection that was given up is no error.
            await EndWhatHasStarted();
        }
        catch (Exception exception) when (!HasStarted() && WhyNoStart(exception) is { } sentence)
        {
            lifetime.StopApplication();
            await EndWhatHasStarted();
            Console.Error.WriteLine(PlainText.Of(sentence));
            return Unusable;
        }

        return host.Services.GetService<Ending>()?.Status ?? 0;

        bool HasStarted() => lifetime.ApplicationStarted.IsCancellationRequested;

        // A host whose start has failed stops nobody, and what went on would meet services that are disposed. How it ends is not the reason why the start failed.
        async Task EndWhatHasStarted() => await host.StopAsync(TimeToStop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>What a host would find out at its start, but before anything of it runs.</summary>
    public static async Task Check(IServiceProvider services, Func<IServiceProvider, Task>? prepare)
    {
        services.GetService<IStartupValidator>()?.Validate();
        if (prepare is not null)
            await prepare(services);
    }

    /// <returns>What a person can do about a start that failed; null for a defect.</returns>
    private static string? WhyNoStart(Exception exception)
    {
        for (Exception? cause = exception; cause is not null; cause = cause.InnerException)
            if (cause is AuthenticationFailureException or PossibleAuthenticationFailureException)
                return RefusalBecause(cause.Message);

        // A broker that is away is waited for; one that refuses would refuse for ever.
        if (exception is RabbitMqConnectionException)
            return RefusalBecause(exception.GetBaseException().Message);
        return exception.GetBaseException() is SocketException
            ? $"The program cannot listen where it is told to ({exception.Message.TrimEnd('.')}); free the address, or set another one in ASPNETCORE_URLS."
            : null;
    }

    /// <summary>What to tell the person when the broker will not have this program.</summary>
    internal static string RefusalBecause(string reason) =>
        $"RabbitMQ refuses the connection ({reason.TrimEnd('.')}); check what is set under FedQueue:RabbitMq.";

    /// <summary>True for exceptions whose message tells a person what to mend; others are defects.</summary>
    public static bool IsAboutSettings(Exception exception) =>
        exception is StartupException or OptionsValidationException
        || exception is InvalidOperationException { Source: "Microsoft.Extensions.Configuration.Binder" }
        || (exception is AggregateException several && several.InnerExceptions.All(IsAboutSettings));

    /// <summary>What to tell the person.</summary>
    public static string SentenceOf(Exception exception)
    {
        if (exception is AggregateException several)
            return string.Join(Environment.NewLine, several.InnerExceptions.Select(SentenceOf));

        // The framework's own words name types of .NET and not the settings.
        if (exception is OptionsValidationException invalid)
        {
            var section = invalid.OptionsType.GetField("Section")?.GetValue(null);
            return string.Join(Environment.NewLine, invalid.Failures.Select(failure => OutOfRange().Replace(failure, $"{section}:$1 must be")));
        }

        if (UnreadableSetting().Match(exception.Message) is { Success: true } unreadable)
            return $"{unreadable.Groups["place"].Value} is '{unreadable.Groups["value"].Value}', which cannot be read as {KindOf(unreadable.Groups["type"].Value)}; correct it.";
        var unknown = UnknownSetting().Match(exception.Message);
        return unknown.Success
            ? $"There is no setting {unknown.Groups["names"].Value} under FedQueue:{SectionOf(unknown.Groups["options"].Value)}; check the spelling."
            : exception.Message;
    }

    private static string SectionOf(string type) =>
        type == "ParticipantOptions" ? "Participants" : type.Replace("Options", "", StringComparison.Ordinal).Replace("Settings", "", StringComparison.Ordinal);

    private static string KindOf(string type) => type switch
    {
        "System.Boolean" => "true or false",
        "System.TimeSpan" => "a time such as 00:00:30",
        "System.Double" => "a number",
        _ when type.StartsWith("System.", StringComparison.Ordinal) => "a whole number within its range",
        _ => "one of its values",
    };

    [GeneratedRegex(@"^(?:\w+\.?\w*: )?The field \w+\.(\w+) must be")]
    private static partial Regex OutOfRange();

    [GeneratedRegex(@"^Failed to convert configuration value '(?<value>.*)' at '(?<place>.*)' to type '(?<type>[^']*)'")]
    private static partial Regex UnreadableSetting();

    [GeneratedRegex(@"not found on the instance of [\w.]*?(?<options>\w+): (?<names>.+)$")]
    private static partial Regex UnknownSetting();
}

/// <summary>The program cannot start as it is set up; the message is a sentence for people.</summary>
public sealed class StartupException(string message) : Exception(message);
