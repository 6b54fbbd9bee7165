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
}
