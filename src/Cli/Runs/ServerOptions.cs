using System.CommandLine;
using FedQueue.Contracts;

namespace FedQueue.Cli.Runs;

/// <summary>The options of the commands that talk to an aggregator.</summary>
internal static class ServerOptions
{
    private const string ServerVariable = "FEDQUEUE_SERVER";
    private const string KeyVariable = "FEDQUEUE_API_KEY";

    /// <summary>For commands that can look into a folder too.</summary>
    public static Option<string?> Server() => new("--server")
    {
        Description = $"Ask the aggregator at this address, such as http://localhost:8080, instead of a folder. Default: the variable {ServerVariable}, if it is set.",
    };

    /// <returns>The aggregator to ask; null: look into the folder.</returns>
    /// <exception cref="StartupException">Both were named.</exception>
    public static string? Choose(ParseResult arguments, Option<string?> server, Option<string> output)
    {
        var named = arguments.GetValue(server);
        if (arguments.GetResult(output) is not { Implicit: false })
            return named ?? (Environment.GetEnvironmentVariable(ServerVariable) is { Length: > 0 } variable ? variable : null);
        return named is null ? null : throw new StartupException("--out and --server cannot go together: the one asks a folder, the other an aggregator.");
    }

    /// <summary>The id of a run, completed from where the command would look for it.</summary>
    /// <param name="server">The command's option.</param>
    /// <param name="key">The command's option.</param>
    /// <param name="output">Folder of runs; null: the command needs an aggregator.</param>
    public static Argument<string> Run(Option<string?> server, Option<string?> key, Option<string>? output = null)
    {
        var run = new Argument<string>("run") { Description = "Id of the run." };
        run.CompletionSources.Add(context =>
        {
            var address = output is null ? context.ParseResult.GetValue(server) : Choose(context.ParseResult, server, output);
            return output is not null && address is null
                ? RunCompletions.Local(context.ParseResult, output)
                : RunCompletions.OfServer(address, context.ParseResult.GetValue(key));
        });
        return run;
    }

    /// <summary>For commands that need an aggregator.</summary>
    public static Option<string?> RequiredServer() => new("--server")
    {
        Description = $"Address of the aggregator, such as http://localhost:8080. Default: the variable {ServerVariable}.",
        DefaultValueFactory = _ => Environment.GetEnvironmentVariable(ServerVariable),
    };

    public static Option<string?> Key() => new("--key")
    {
        Description = $"Key of the aggregator. Default: the variable {KeyVariable}, which other users of the machine cannot see.",
        DefaultValueFactory = _ => Environment.GetEnvironmentVariable(KeyVariable),
    };

    /// <exception cref="StartupException">No server was named.</exception>
    public static AggregatorClient Connect(string? server, string? key) => server is { Length: > 0 }
        ? new AggregatorClient(server, key)
        : throw new StartupException($"Which aggregator? Name it with --server http://localhost:8080, or in the variable {ServerVariable}.");
}
