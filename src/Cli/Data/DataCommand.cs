using System.CommandLine;
using FedQueue.Worker.Data;

namespace FedQueue.Cli.Data;

/// <summary><c>fedqueue data</c>: make data, and look at data before a run does.</summary>
internal static class DataCommand
{
    public static Command Create() => new("data", "Make task traces, and say of any CSV file what would be trained on.")
    {
        GenerateCommand.Create(),
        CheckCommand.Create(),
        BaselinesCommand.Create(),
    };

    /// <summary>The argument of the commands that read data.</summary>
    internal static Argument<string[]> Inputs() => new("file")
    {
        Description = "CSV files, or directories of them.",
        Arity = ArgumentArity.OneOrMore,
    };

    /// <summary>The files that an input names; a directory stands for its CSV files.</summary>
    internal static IEnumerable<string> Files(string input) =>
        Directory.Exists(input) ? DataDirectory.List(input).Select(source => source.Path) : [input];
}
