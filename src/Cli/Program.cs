using System.CommandLine;
using FedQueue.Cli;
using FedQueue.Cli.Data;
using FedQueue.Cli.Simulation;

var root = new RootCommand("FedQueue: federated learning over a message queue.");
root.Subcommands.Add(SimulateCommand.Create());
root.Subcommands.Add(DataCommand.Create());

var arguments = root.Parse(args);
if (arguments.Errors.Count > 0)
{
    foreach (var error in arguments.Errors)
        Console.Error.WriteLine(error.Message);
    Console.Error.WriteLine("Add --help to see what the command takes.");
    return ExitStatus.Usage;
}

return await arguments.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromSeconds(30) });
