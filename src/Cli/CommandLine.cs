using System.CommandLine;
using System.CommandLine.Invocation;
using FedQueue.Cli.Simulation;
using FedQueue.Contracts;
using FedQueue.Worker.Data;

namespace FedQueue.Cli;

/// <summary>Runs a command line; why it could not be carried out is a sentence and, under <c>--json</c>, one object.</summary>
internal static class CommandLine
{
    private static readonly TimeSpan TimeToStop = TimeSpan.FromSeconds(30);

    /// <returns>The exit status.</returns>
    public static async Task<int> Run(string[] args, TextWriter output, TextWriter error)
    {
        try
        {
            return await Carry(args, output, error);
        }
        catch (OutputException exception)
        {
            if (!exception.IsClosed)
                error.WriteLine($"{exception.Sentence}.");
            return exception.ExitStatus;
        }
    }

    private static async Task<int> Carry(string[] args, TextWriter output, TextWriter error)
    {
        var commands = Commands.Create();
        if (args.Length == 0)
        {
            commands.Parse("--help").Invoke(new InvocationConfiguration { Output = error });
            return ExitStatus.Usage;
        }

        try
        {
            var arguments = commands.Parse(args);
            if (arguments.Errors.Count > 0)
                return End("refused", $"{UsageErrors.Of(arguments)}{Environment.NewLine}Add --help to see what the command takes.", ExitStatus.Usage);

            // A command that does not listen is ended by the signal itself.
            using var interruption = arguments.Action is AsynchronousCommandLineAction ? new Interruption() : null;
            return await arguments.InvokeAsync(
                new InvocationConfiguration { Output = output, Error = error, EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = TimeToStop },
                interruption?.Token ?? CancellationToken.None);
        }
        catch (OperationCanceledException)
        {
            return End("interrupted", "Interrupted.", ExitStatus.Interrupted);
        }
        catch (RunStoppedException exception)
        {
            return End("failed", exception.Message, ExitStatus.Failed);
        }
        catch (Exception exception) when (exception is DataException || Startup.IsAboutSettings(exception))
        {
            return End("refused", Startup.SentenceOf(exception), ExitStatus.Usage);
        }

        int End(string status, string reason, int exitStatus)
        {
            error.WriteLine(reason);
            if (args.Contains("--json"))
                output.WriteLine(Answer.OneLineOf(new { status, reason }));
            return exitStatus;
        }
    }
}
