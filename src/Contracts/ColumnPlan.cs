namespace FedQueue.Contracts;

/// <summary>Which columns of a participant's CSV become windows and labels.</summary>
public sealed record ColumnPlan
{
    /// <summary>The tutorial's eight columns, in its order; the default of <see cref="Features"/>.</summary>
    public static readonly IReadOnlyList<string> TutorialColumns =
    [
        "Progress", "CPU_Frequency", "Memory_Usage", "Task_Type",
        "Speed", "Delay", "Historical_Task_Count", "Historical_Task_Duration",
    ];

    /// <summary>Most input columns.</summary>
    public const int MostFeatures = 10_000;

    /// <summary>Longest name of a column, in characters.</summary>
    public const int LongestName = 256;

    /// <summary>Column to predict; it need not be among the features. Default <c>Progress</c>.</summary>
    public string Target { get; init; } = "Progress";

    /// <summary>Input columns, at least one, in the order of the model's inputs.</summary>
    public IReadOnlyList<string> Features { get; init; } = TutorialColumns;

    /// <summary>Column whose change of value ends a series; no window crosses it. Null: the file is one series.</summary>
    public string? Group { get; init; }

    /// <summary>Rows of a window, 1 to 10,000. Default 10.</summary>
    public int Window { get; init; } = 10;

    /// <summary>Rows from the window's last row to the row of its label, 0 to 10,000. Default 1: the next row.</summary>
    public int Horizon { get; init; } = 1;

    /// <summary>Labels above this value count as this value, in the target's unit. Null: no cap.</summary>
    public double? TargetCap { get; init; }

    /// <summary>
    /// Of each column over everybody's training rows, by which all scale it then. Null: each participant scales by its own rows.
    /// The aggregator fills it in when a run with <see cref="Scaling.Federated"/> starts.
    /// </summary>
    public IReadOnlyList<ColumnSpan>? Spans { get; init; }

    /// <summary>Every column is scaled by a range that all participants share, so the plan alone says how.</summary>
    public bool SharesAllRanges() => Spans is not null && Features.Append(Target).All(column => Spans.Any(span => span.Column == column));

    /// <summary>What is wrong with the plan whatever the file, and what to do, as a sentence; null when nothing is.</summary>
    public string? Problem()
    {
        const int mostRows = 10_000;
        if (string.IsNullOrWhiteSpace(Target))
            return "The target has no name; name the column to predict.";
        if (Features.Count == 0 || Features.Any(string.IsNullOrWhiteSpace))
            return "The features lack a name; name at least one input column, separated by commas.";
        if (Features.Count > MostFeatures)
            return $"There are {Features.Count} features; choose at most {MostFeatures}.";
        if (Features.Append(Target).Append(Group ?? "").FirstOrDefault(name => name.Length > LongestName) is { } tooLong)
            return $"The column '{tooLong[..40]}…' has a name of {tooLong.Length} characters; it may have {LongestName}.";
        if (Features.GroupBy(feature => feature).FirstOrDefault(names => names.Count() > 1) is { } twice)
            return $"The feature '{twice.Key}' is named twice; name it once.";
        if (Group is not null && string.IsNullOrWhiteSpace(Group))
            return "The group has no name; name a column, or leave it out when the file is one series.";
        if (Window is < 1 or > mostRows)
            return $"The window of {Window} rows is out of range; choose 1 to {mostRows}.";
        if (Horizon is < 0 or > mostRows)
            return $"The horizon of {Horizon} rows is out of range; choose 0 to {mostRows}.";
        if (TargetCap is { } cap && !double.IsFinite(cap))
            return "The target's cap is not a finite number; choose one in the target's unit.";
        return null;
    }
}
