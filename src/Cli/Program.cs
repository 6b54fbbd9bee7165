using System.CommandLine;
using FedQueue.Cli;

StandardOutput.Open();
try
{
    if (args.Length == 0)
    {
        Commands.Create().Parse("--help").Invoke(new InvocationConfiguration { Output = Console.Error });
        return ExitStatus.Usage;
    }

    var arguments = Commands.Create().Parse(args);
    if (arguments.Errors.Count > 0)
    {
        foreach (var error in arguments.Errors)
            Console.Error.WriteLine(error.Message);
        Console.Error.WriteLine("Add --help to see what the command takes.");
        return ExitStatus.Usage;
    }

    return await arguments.InvokeAsync(new InvocationConfiguration
    {
        EnableDefaultExceptionHandler = false,
        ProcessTerminationTimeout = TimeSpan.FromSeconds(30),
    });
}
catch (OutputException exception)
{
    if (!exception.IsClosed)
        Console.Error.WriteLine($"{exception.Sentence}.");
    return exception.ExitStatus;
}
catch (OperationCanceledException)
{
    return ExitStatus.Interrupted;
}
