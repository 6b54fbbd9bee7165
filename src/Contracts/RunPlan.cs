namespace FedQueue.Contracts;

/// <summary>All that decides the result of a run, besides the participants' data.</summary>
public sealed record RunPlan
{
    /// <summary>Columns, windows and labels.</summary>
    public ColumnPlan Columns { get; init; } = new();

    /// <summary>Hidden units of each LSTM layer, 1 to 4,096. Default 32.</summary>
    public int Units { get; init; } = 32;

    /// <summary>LSTM layers, 1 to 16. Default 1.</summary>
    public int Layers { get; init; } = 1;

    /// <summary>Local training of every round.</summary>
    public TrainingPlan Training { get; init; } = new();

    /// <summary>How columns are scaled, one of <see cref="Contracts.Scaling"/>. Default <c>participant</c>.</summary>
    public string Scaling { get; init; } = Contracts.Scaling.Participant;

    /// <summary>Number of rounds, 1 to 100,000. Default 10.</summary>
    public int Rounds { get; init; } = 10;

    /// <summary>Seed of the initial weights and of every participant's shuffling. Default 1.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Name of the aggregation rule. Default <c>fedavg</c>.</summary>
    public string Rule { get; init; } = "fedavg";

    /// <summary>Participants that must be present before the run starts. Null: the goal, or 5 when that is unset too.</summary>
    public int? Participants { get; init; }

    /// <summary>Submissions that close a round. Null: the number of participants present when the run starts.</summary>
    public int? Goal { get; init; }

    /// <summary>Fewest submissions that may be aggregated at the deadline. Null: the goal, so no round closes with fewer unasked.</summary>
    public int? Minimum { get; init; }

    /// <summary>Time from the opening of a round to its deadline, 1 second to 7 days. Default 10 minutes.</summary>
    public TimeSpan Deadline { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Time in which the participants must come, 1 second to 30 days; the run fails after it. Default 1 day.</summary>
    public TimeSpan StartWithin { get; init; } = TimeSpan.FromDays(1);

    /// <summary>Whether every participant trains a model of its own after the run, for as many epochs, to compare. Default false.</summary>
    public bool CompareLocal { get; init; }

    /// <summary>How many participants the run waits for.</summary>
    public int ParticipantsToStart() => Participants ?? Goal ?? 5;

    /// <summary>The model that the plan trains.</summary>
    public ModelPlan Model() => new() { Inputs = Columns.Features.Count, Units = Units, Layers = Layers };
}
