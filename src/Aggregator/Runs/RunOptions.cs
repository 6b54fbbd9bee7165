using FedQueue.Contracts;
using Microsoft.Extensions.Options;

namespace FedQueue.Aggregator.Runs;

/// <summary>
/// The run that the service starts by itself; section <c>FedQueue:Run</c>. Ranges and defaults are those of
/// <see cref="RunPlan"/>, <see cref="ColumnPlan"/> and <see cref="TrainingPlan"/>; an empty value means the default.
/// </summary>
internal sealed class RunOptions
{
    public const string Section = "FedQueue:Run";

    /// <summary>Whether to start a run at all. Default false.</summary>
    public bool AutoStart { get; set; }

    /// <summary>Its id. A run of this id that the database knows is continued or, when it has ended, shown again. Default <c>default</c>.</summary>
    public string Id { get; set; } = "default";

    public int? Rounds { get; set; }
    public int? Epochs { get; set; }
    public int? BatchSize { get; set; }
    public double? LearningRate { get; set; }

    /// <summary>Default <c>auto</c>.</summary>
    public string? Engine { get; set; }

    public int? Units { get; set; }
    public int? Layers { get; set; }
    public ulong? Seed { get; set; }
    public string? Rule { get; set; }
    public int? Participants { get; set; }
    public int? Goal { get; set; }
    public int? Minimum { get; set; }
    public TimeSpan? Deadline { get; set; }
    public TimeSpan? StartWithin { get; set; }
    public string? Target { get; set; }

    /// <summary>Column names separated by commas.</summary>
    public string? Features { get; set; }

    public string? Group { get; set; }
    public int? Window { get; set; }
    public int? Horizon { get; set; }
    public double? TargetCap { get; set; }

    public StartRun ToCommand()
    {
        var (plan, columns, training) = (new RunPlan(), new ColumnPlan(), new TrainingPlan());
        return new StartRun
        {
            RunId = Id,
            Plan = new RunPlan
            {
                Rounds = Rounds ?? plan.Rounds,
                Units = Units ?? plan.Units,
                Layers = Layers ?? plan.Layers,
                Seed = Seed ?? plan.Seed,
                Rule = OrNull(Rule) ?? plan.Rule,
                Participants = Participants,
                Goal = Goal,
                Minimum = Minimum,
                Deadline = Deadline ?? plan.Deadline,
                StartWithin = StartWithin ?? plan.StartWithin,
                Training = new TrainingPlan
                {
                    Epochs = Epochs ?? training.Epochs,
                    BatchSize = BatchSize ?? training.BatchSize,
                    LearningRate = LearningRate ?? training.LearningRate,
                    Engine = OrNull(Engine) ?? Contracts.Engine.Auto,
                },
                Columns = new ColumnPlan
                {
                    Target = OrNull(Target) ?? columns.Target,
                    Features = OrNull(Features)?.Split(',', StringSplitOptions.TrimEntries) ?? columns.Features,
                    Group = OrNull(Group),
                    Window = Window ?? columns.Window,
                    Horizon = Horizon ?? columns.Horizon,
                    TargetCap = TargetCap,
                },
            },
        };
    }

    private static string? OrNull(string? value) => string.IsNullOrWhiteSpace(value) ? null : value;
}

internal sealed class RunOptionsValidator : IValidateOptions<RunOptions>
{
    public ValidateOptionsResult Validate(string? name, RunOptions options) =>
        PlanCheck.ProblemOf(options.ToCommand()) is { } problem
            ? ValidateOptionsResult.Fail($"{RunOptions.Section}: {problem}")
            : ValidateOptionsResult.Success;
}
