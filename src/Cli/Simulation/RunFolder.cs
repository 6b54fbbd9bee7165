using System.Text.RegularExpressions;
using FedQueue.Contracts;

namespace FedQueue.Cli.Simulation;

/// <summary>The folder of one run below the folder of all runs.</summary>
/// <param name="Output">Folder of all runs, as the command line names it.</param>
/// <param name="RunId">The run, and the name of its folder.</param>
internal sealed partial record RunFolder(string Output, string RunId)
{
    /// <summary>Where runs are when the command line does not say so.</summary>
    public const string DefaultOutput = "runs";

    private const int NewestShown = 5;

    public string FullPath => Path.GetFullPath(Path.Combine(Output, RunId));

    public string Database => DatabaseIn(FullPath);

    /// <summary>Folder of each participant's ranges, for a user who predicts with the model.</summary>
    public string Ranges => Path.Combine(FullPath, RangesName);

    /// <summary>Name of <see cref="Ranges"/> beside a model's file.</summary>
    public const string RangesName = "ranges";

    /// <summary>The command that goes on with the run, to be copied into the same shell.</summary>
    public string HowToGoOn =>
        $"./fedqueue simulate --resume {RunId}{(Output == DefaultOutput ? "" : $" --out {Quoted(Output)}")}";

    /// <summary>The folder of a run that has a database.</summary>
    /// <exception cref="StartupException">There is none; the message lists the runs there are.</exception>
    public static RunFolder Find(string output, string runId)
    {
        var folder = new RunFolder(output, runId);

        // A name with a slash would lead out of the folder of all runs.
        if (ParticipantName.IsValid(runId) && File.Exists(folder.Database))
            return folder;
        if (ParticipantName.IsValid(runId) && Directory.Exists(folder.FullPath))
            throw folder.NotStored();
        throw new StartupException($"There is no run '{runId}' in {Path.GetFullPath(output)}; {Newest(output)}");
    }

    /// <summary>Every run that has a database, oldest first.</summary>
    public static IEnumerable<RunFolder> All(string output) => Directory.Exists(output)
        ? Directory.GetDirectories(output).Where(folder => File.Exists(DatabaseIn(folder))).Select(folder => Path.GetFileName(folder)!)
            .Order(StringComparer.Ordinal).Select(name => new RunFolder(output, name))
        : [];

    /// <exception cref="StartupException">It cannot be made.</exception>
    public void Make()
    {
        try
        {
            Directory.CreateDirectory(FullPath);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new StartupException(
                $"The folder {FullPath} cannot be made ({exception.Message.TrimEnd('.')}); check permissions and room on the disk, or name another folder with --out.");
        }
    }

    public StartupException NotStored() =>
        new($"Run {RunId} was interrupted before anything of it was stored in {FullPath}, so there is nothing to go on with; start it anew with ./fedqueue simulate.");

    private static string Newest(string output)
    {
        // Names of runs begin with the time.
        var runs = All(output).Select(folder => folder.RunId).Reverse().ToList();
        return runs.Count switch
        {
            0 => "no run has been there; --out names another folder.",
            <= NewestShown => $"there {(runs.Count == 1 ? "is" : "are")} {string.Join(", ", runs)}; --out names another folder.",
            _ => $"the newest of {runs.Count} are {string.Join(", ", runs.Take(NewestShown))}; --out names another folder.",
        };
    }

    private static string DatabaseIn(string folder) => Path.Combine(folder, "fedqueue.db");

    private static string Quoted(string argument) =>
        HarmlessToShells().IsMatch(argument) ? argument : $"'{argument.Replace("'", @"'\''", StringComparison.Ordinal)}'";

    [GeneratedRegex(@"^[\w./:+,@%][\w./:+,@%-]*$")]
    private static partial Regex HarmlessToShells();
}
