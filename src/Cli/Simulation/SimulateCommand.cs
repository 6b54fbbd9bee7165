using System.CommandLine;
using FedQueue.Aggregator.Runs;
using FedQueue.Contracts;
using FedQueue.Worker.Data;
using FedQueue.Worker.Training;

namespace FedQueue.Cli.Simulation;

/// <summary><c>fedqueue simulate</c>: a whole federation in one process.</summary>
internal static class SimulateCommand
{
    public static Command Create()
    {
        var defaults = new RunPlan();
        var data = new Option<string>("--data") { Description = "Folder with one CSV a participant.", DefaultValueFactory = _ => "Data" };
        var files = new Option<string?>("--files") { Description = "Only files of these names or patterns, separated by commas, such as 'client_*'. Default: all." };
        var workers = new Option<int?>("--workers") { Description = "Participants that take part, the first by name. Default: all." };
        var rounds = new Option<int>("--rounds") { Description = "Rounds.", DefaultValueFactory = _ => defaults.Rounds };
        var epochs = new Option<int>("--epochs") { Description = "Local epochs a round.", DefaultValueFactory = _ => defaults.Training.Epochs };
        var batch = new Option<int>("--batch") { Description = "Windows an optimiser step.", DefaultValueFactory = _ => defaults.Training.BatchSize };
        var rate = new Option<double>("--learning-rate") { Description = "Adam's step size.", DefaultValueFactory = _ => defaults.Training.LearningRate };
        var units = new Option<int>("--units") { Description = "Hidden units of the LSTM.", DefaultValueFactory = _ => defaults.Units };
        var seed = new Option<ulong>("--seed") { Description = "Seed of the initial weights and of all shuffling.", DefaultValueFactory = _ => defaults.Seed };
        var rule = new Option<string>("--rule") { Description = "Aggregation rule: fedavg (weighted by samples) or mean.", DefaultValueFactory = _ => defaults.Rule };
        var goal = new Option<int?>("--goal") { Description = "Submissions that close a round. Default: all participants." };
        var minimum = new Option<int?>("--minimum") { Description = "Fewest submissions to go on with at the deadline. Default: the goal." };
        var deadline = new Option<TimeSpan>("--deadline")
        {
            Description = "Longest time of a round, such as 90s, 10m or 2h.",
            DefaultValueFactory = _ => defaults.Deadline,
            CustomParser = Duration.Parse,
        };
        var output = new Option<string>("--out") { Description = "Folder in which the run gets a folder of its own.", DefaultValueFactory = _ => "runs" };
        var json = new Option<bool>("--json") { Description = "Print the result as one JSON object on the last line; everything else goes to standard error." };

        var command = new Command("simulate", "Train a federation in one process: an aggregator and a worker for each participant, over an in-memory queue.");
        foreach (Option option in new Option[]
            { data, files, workers, rounds, epochs, batch, rate, units, seed, rule, goal, minimum, deadline, output, json })
            command.Options.Add(option);
        ColumnOptions.AddTo(command);

        command.SetAction((arguments, cancellationToken) =>
        {
            if (TorchLibrary.Problem() is { } problem)
                return Refuse(problem);

            ColumnPlan columns;
            List<ParticipantSource> participants;
            List<string> notes = [];
            try
            {
                columns = ColumnOptions.Read(arguments);
                participants = Participants(arguments.GetValue(data)!, arguments.GetValue(files), arguments.GetValue(workers), columns, notes);
            }
            catch (DataException exception)
            {
                return Refuse(exception.Message);
            }

            var run = new StartRun
            {
                RunId = RunNames.New(),
                Plan = new RunPlan
                {
                    Columns = columns,
                    Units = arguments.GetValue(units),
                    Rounds = arguments.GetValue(rounds),
                    Seed = arguments.GetValue(seed),
                    Rule = arguments.GetValue(rule)!,
                    Participants = participants.Count,
                    Goal = arguments.GetValue(goal),
                    Minimum = arguments.GetValue(minimum),
                    Deadline = arguments.GetValue(deadline),
                    Training = new TrainingPlan
                    {
                        Epochs = arguments.GetValue(epochs),
                        BatchSize = arguments.GetValue(batch),
                        LearningRate = arguments.GetValue(rate),
                    },
                },
            };
            if (PlanCheck.ProblemOf(run) is { } wrong)
                return Refuse(wrong);

            var simulation = new Simulation(
                run, participants, notes, arguments.GetValue(data)!, arguments.GetValue(output)!, arguments.GetValue(json));
            return RunWarm(simulation, cancellationToken);
        });
        return command;
    }

    /// <summary>The participants, each of whose files was read once to the end: what cannot be trained on is said before anything starts.</summary>
    private static List<ParticipantSource> Participants(
        string directory, string? files, int? workers, ColumnPlan columns, List<string> notes)
    {
        var patterns = files?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [];
        var found = DataDirectory.List(directory, patterns);
        if (workers is < 1 || workers > found.Count)
            throw new DataException($"--workers is {workers}, but {directory} has {found.Count} participants; give a number from 1 to {found.Count}.");

        var participants = found.Take(workers ?? found.Count).ToList();
        foreach (var participant in participants)
        {
            var table = ParticipantFile.Read(participant.Path, columns);
            ParticipantWindows.From(table);
            notes.AddRange(table.Notes.Select(note => $"{participant.Participant}: {note}"));
        }

        return participants;
    }

    /// <summary>Loads libtorch while the bus starts; a process that ended in the midst of that would crash.</summary>
    private static async Task<int> RunWarm(Simulation simulation, CancellationToken cancellationToken)
    {
        // Ctrl+C is listened for once the command has given back its first task, so it must do so before the long work.
        await Task.Yield();
        var loading = Task.Run(TorchTrainer.WarmUp, CancellationToken.None);
        try
        {
            return await simulation.Run(cancellationToken);
        }
        finally
        {
            // Should it have failed, the training has too, and said why.
            await Task.WhenAny(loading);
        }
    }

    private static Task<int> Refuse(string problem)
    {
        Console.Error.WriteLine(problem);
        return Task.FromResult(ExitStatus.Usage);
    }
}
