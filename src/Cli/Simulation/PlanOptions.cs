using System.CommandLine;
using FedQueue.Contracts;

namespace FedQueue.Cli.Simulation;

/// <summary>The options of <c>simulate</c> that decide the result of a run: fixed when it begins.</summary>
internal static class PlanOptions
{
    private static readonly RunPlan Defaults = new();

    public static readonly Option<string?> Files = new("--files") { Description = "Only files of these names or patterns, separated by commas, such as 'client_*'. Default: all." };
    public static readonly Option<int?> Workers = new("--workers") { Description = "Participants that take part, the first by name. Default: all." };

    private static readonly Option<int> Rounds = new("--rounds") { Description = "Rounds.", DefaultValueFactory = _ => Defaults.Rounds };
    private static readonly Option<int> Epochs = new("--epochs") { Description = "Local epochs a round.", DefaultValueFactory = _ => Defaults.Training.Epochs };
    private static readonly Option<int> Batch = new("--batch") { Description = "Windows an optimiser step.", DefaultValueFactory = _ => Defaults.Training.BatchSize };
    private static readonly Option<double> Rate = new("--learning-rate") { Description = "Adam's step size.", DefaultValueFactory = _ => Defaults.Training.LearningRate };
    private static readonly Option<string> Trainer = new("--engine") { Description = "What trains: simd (FedQueue's own, fast), torch (TorchSharp) or auto.", DefaultValueFactory = _ => Engine.Auto };
    private static readonly Option<int> Units = new("--units") { Description = "Hidden units of each LSTM layer.", DefaultValueFactory = _ => Defaults.Units };
    private static readonly Option<int> Layers = new("--layers") { Description = "LSTM layers.", DefaultValueFactory = _ => Defaults.Layers };
    private static readonly Option<ulong> Seed = new("--seed") { Description = "Seed of the initial weights and of all shuffling.", DefaultValueFactory = _ => Defaults.Seed };
    private static readonly Option<string> Rule = new("--rule") { Description = "Aggregation rule: fedavg (weighted by samples) or mean.", DefaultValueFactory = _ => Defaults.Rule };
    private static readonly Option<string> Scale = new("--scaling") { Description = "How columns are scaled: participant (each by its own rows) or federated (all by everybody's smallest and largest values).", DefaultValueFactory = _ => Defaults.Scaling };
    private static readonly Option<int?> Goal = new("--goal") { Description = "Submissions that close a round. Default: all participants." };
    private static readonly Option<int?> Minimum = new("--minimum") { Description = "Fewest submissions to go on with at the deadline. Default: the goal." };
    private static readonly Option<TimeSpan> Deadline = new("--deadline")
    {
        Description = "Longest time of a round, such as 90s, 10m or 2h.",
        DefaultValueFactory = _ => Defaults.Deadline,
        CustomParser = Duration.Parse,
    };

    private static readonly Option<int?> Participants = new("--participants") { Description = "Participants that must be there before the run starts. Default: the goal, or 5." };

    private static readonly IReadOnlyList<Option> OfSimulation = [Files, Workers];
    private static readonly IReadOnlyList<Option> OfEveryRun = [Rounds, Epochs, Batch, Rate, Trainer, Units, Layers, Seed, Rule, Scale, Goal, Minimum, Deadline];

    public static void AddTo(Command command)
    {
        foreach (var option in OfSimulation.Concat(OfEveryRun))
            command.Options.Add(option);
        ColumnOptions.AddTo(command);
    }

    /// <summary>For a run of an aggregator, which has its data and its participants elsewhere.</summary>
    public static void AddForAggregator(Command command)
    {
        foreach (var option in OfEveryRun.Prepend(Participants))
            command.Options.Add(option);
        ColumnOptions.AddTo(command);
    }

    /// <summary>What <see cref="AddForAggregator"/> let be said.</summary>
    public static RunPlan ReadForAggregator(ParseResult arguments) =>
        Read(arguments, ColumnOptions.Read(arguments), 0) with { Participants = arguments.GetValue(Participants) };

    public static RunPlan Read(ParseResult arguments, ColumnPlan columns, int participants) => new()
    {
        Columns = columns,
        Units = arguments.GetValue(Units),
        Layers = arguments.GetValue(Layers),
        Rounds = arguments.GetValue(Rounds),
        Seed = arguments.GetValue(Seed),
        Rule = arguments.GetValue(Rule)!,
        Scaling = arguments.GetValue(Scale)!,
        Participants = participants,
        Goal = arguments.GetValue(Goal),
        Minimum = arguments.GetValue(Minimum),
        Deadline = arguments.GetValue(Deadline),
        Training = new TrainingPlan
        {
            Epochs = arguments.GetValue(Epochs),
            BatchSize = arguments.GetValue(Batch),
            LearningRate = arguments.GetValue(Rate),
            Engine = arguments.GetValue(Trainer)!,
        },
    };

    /// <summary>Names of those that stand on the command line, in the order of <c>--help</c>.</summary>
    public static IReadOnlyList<string> Given(ParseResult arguments) =>
        [.. OfSimulation.Concat(OfEveryRun).Concat(ColumnOptions.All).Where(option => arguments.GetResult(option) is { Implicit: false }).Select(option => option.Name)];
}
