using System.CommandLine;
using FedQueue.Aggregator.Runs;
using FedQueue.Cli.Runs;
using FedQueue.Contracts;
using FedQueue.Worker.Data;

namespace FedQueue.Cli.Simulation;

/// <summary>A run as the command line asks for it.</summary>
internal static class NewRun
{
    /// <exception cref="DataException">The data cannot be trained on as asked.</exception>
    /// <exception cref="StartupException">The plan cannot be carried out.</exception>
    public static async Task<int> Begin(ParseResult arguments, string directory, string output, Ending ending, Shown shown, CancellationToken cancellationToken)
    {
        var model = LocalDatabase.MakeModel();
        var columns = ColumnOptions.Read(arguments);
        var participants = Participants(directory, arguments.GetValue(PlanOptions.Files), arguments.GetValue(PlanOptions.Workers));

        var run = new StartRun { RunId = RunNames.New(), Plan = PlanOptions.Read(arguments, columns, participants.Count) };
        if (PlanCheck.ProblemOf(run) is { } wrong)
            throw new StartupException(wrong);

        var file = SimulationFile.Of(run.RunId, directory, participants) with
        {
            Compare = ending.Compared,
            Report = ending.Report is null ? null : Path.GetFullPath(ending.Report),
        };
        await using var simulation = new Simulation(model, run, file, directory, new RunFolder(output, run.RunId), ending, shown);
        return await simulation.Begin(NotesOf(participants, columns), cancellationToken);
    }

    private static List<ParticipantSource> Participants(string directory, string? files, int? workers)
    {
        var patterns = files?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [];
        var found = FilesOf(directory, patterns);
        if (workers is < 1 || workers > found.Count)
            throw new DataException($"--workers is {workers}, but {directory} has {found.Count} participants; give a number from 1 to {found.Count}.");
        return [.. found.Take(workers ?? found.Count)];
    }

    /// <exception cref="DataException">There is nothing to train on; the message offers a way to get something.</exception>
    private static IReadOnlyList<ParticipantSource> FilesOf(string directory, IReadOnlyList<string> patterns)
    {
        try
        {
            return DataDirectory.List(directory, patterns);
        }
        catch (NoDataException exception)
        {
            throw new DataException(
                $"{exception.Message} Name the folder with your data with --data, or make the example's data with: fedqueue data generate --out {directory}");
        }
    }

    /// <summary>Reads each file to the end: what cannot be trained on is said before anything starts.</summary>
    /// <returns>What is odd about the data; what is odd with several is said once.</returns>
    private static List<string> NotesOf(IReadOnlyList<ParticipantSource> participants, ColumnPlan columns)
    {
        List<(string Participant, string Note)> notes = [];
        foreach (var participant in participants)
        {
            var table = ParticipantFile.Read(participant.Path, columns);
            ParticipantWindows.From(table);
            notes.AddRange(table.Notes.Select(note => (participant.Participant, note)));
        }

        return [.. notes.GroupBy(note => note.Note).Select(same => $"{NameList.Of(same.Select(note => note.Participant))}: {same.Key}")];
    }
}
