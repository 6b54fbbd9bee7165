using System.Text.Json.Serialization;
using FedQueue.Contracts;

namespace FedQueue.Aggregator.Runs;

/// <summary>
/// A run as settings, the API and the dashboard ask for it. Ranges and defaults are those of <see cref="RunPlan"/>,
/// <see cref="ColumnPlan"/> and <see cref="TrainingPlan"/>; what is missing or empty has its default.
/// </summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal class RunForm
{
    /// <summary>Its id: 1 to 64 letters, digits, '-', '_' or '.'. Default: a name made of the time.</summary>
    public string? Id { get; set; }

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

    /// <summary>Default false.</summary>
    public bool? CompareLocal { get; set; }

    /// <summary><c>participant</c> or <c>federated</c>.</summary>
    public string? Scaling { get; set; }

    public string? Target { get; set; }

    /// <summary>Column names separated by commas.</summary>
    public string? Features { get; set; }

    public string? Group { get; set; }
    public int? Window { get; set; }
    public int? Horizon { get; set; }
    public double? TargetCap { get; set; }

    /// <summary>The form that asks for a plan.</summary>
    public static RunForm From(string? id, RunPlan plan) => new()
    {
        Id = id,
        Rounds = plan.Rounds,
        Epochs = plan.Training.Epochs,
        BatchSize = plan.Training.BatchSize,
        LearningRate = plan.Training.LearningRate,
        Engine = plan.Training.Engine,
        Units = plan.Units,
        Layers = plan.Layers,
        Seed = plan.Seed,
        Rule = plan.Rule,
        Participants = plan.Participants,
        Goal = plan.Goal,
        Minimum = plan.Minimum,
        Deadline = plan.Deadline,
        StartWithin = plan.StartWithin,
        CompareLocal = plan.CompareLocal,
        Scaling = plan.Scaling,
        Target = plan.Columns.Target,
        Features = string.Join(',', plan.Columns.Features),
        Group = plan.Columns.Group,
        Window = plan.Columns.Window,
        Horizon = plan.Columns.Horizon,
        TargetCap = plan.Columns.TargetCap,
    };

    public StartRun ToCommand()
    {
        var (plan, columns, training) = (new RunPlan(), new ColumnPlan(), new TrainingPlan());
        return new StartRun
        {
            RunId = OrNull(Id) ?? RunNames.New(),
            Plan = new RunPlan
            {
                Rounds = Rounds ?? plan.Rounds,
                Units = Units ?? plan.Units,
                Layers = Layers ?? plan.Layers,
                Seed = Seed ?? plan.Seed,
                Rule = OrNull(Rule) ?? plan.Rule,
                Scaling = OrNull(Scaling) ?? plan.Scaling,
                Participants = Participants,
                Goal = Goal,
                Minimum = Minimum,
                Deadline = Deadline ?? plan.Deadline,
                StartWithin = StartWithin ?? plan.StartWithin,
                CompareLocal = CompareLocal ?? plan.CompareLocal,
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
