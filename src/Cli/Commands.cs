using System.CommandLine;
using System.CommandLine.Help;
using FedQueue.Cli.Data;
using FedQueue.Cli.Models;
using FedQueue.Cli.Runs;
using FedQueue.Cli.Simulation;

namespace FedQueue.Cli;

internal static class Commands
{
    public static RootCommand Create()
    {
        var root = new RootCommand("FedQueue: federated learning over a message queue.")
        {
            SimulateCommand.Create(),
            DataCommand.Create(),
            RunCommand.Create(),
            ModelCommand.Create(),
            CompletionCommand.Create(),
        };

        // A shell that completes '/' means a path.
        foreach (var help in root.Options.OfType<HelpOption>())
            foreach (var alias in help.Aliases.Where(alias => alias.StartsWith('/')).ToList())
                help.Aliases.Remove(alias);
        return root;
    }
}
