using System.CommandLine;
using FedQueue.Cli.Data;
using FedQueue.Cli.Models;
using FedQueue.Cli.Runs;
using FedQueue.Cli.Simulation;

namespace FedQueue.Cli;

internal static class Commands
{
    public static RootCommand Create() => new("FedQueue: federated learning over a message queue.")
    {
        SimulateCommand.Create(),
        DataCommand.Create(),
        RunCommand.Create(),
        ModelCommand.Create(),
        CompletionCommand.Create(),
    };
}
