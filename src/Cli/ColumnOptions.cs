using System.CommandLine;
using FedQueue.Contracts;
using FedQueue.Worker.Data;

namespace FedQueue.Cli;

/// <summary>The options that choose columns and windows; every command that reads data takes them.</summary>
internal static class ColumnOptions
{
    private static readonly ColumnPlan Defaults = new();

    private static readonly Option<string> Target = new("--target")
    {
        Description = "Column to predict.",
        DefaultValueFactory = _ => Defaults.Target,
    };

    private static readonly Option<string> Features = new("--features")
    {
        Description = "Input columns, separated by commas.",
        DefaultValueFactory = _ => string.Join(',', Defaults.Features),
    };

    private static readonly Option<string?> Group = new("--group")
    {
        Description = "Column whose change of value ends a series; no window crosses it. Default: the file is one series.",
    };

    private static readonly Option<int> Window = new("--window")
    {
        Description = "Rows of a window, 1 to 10,000.",
        DefaultValueFactory = _ => Defaults.Window,
    };

    private static readonly Option<int> Horizon = new("--horizon")
    {
        Description = "Rows from the window's last row to the row of its label, 0 to 10,000.",
        DefaultValueFactory = _ => Defaults.Horizon,
    };

    private static readonly Option<double?> TargetCap = new("--target-cap")
    {
        Description = "Labels above this value count as this value. Default: no cap.",
    };

    public static IReadOnlyList<Option> All { get; } = [Target, Features, Group, Window, Horizon, TargetCap];

    public static void AddTo(Command command)
    {
        foreach (var option in All)
            command.Options.Add(option);
    }

    /// <exception cref="DataException">A value is out of range; the message says which.</exception>
    public static ColumnPlan Read(ParseResult arguments)
    {
        var columns = new ColumnPlan
        {
            Target = arguments.GetRequiredValue(Target).Trim(),
            Features = arguments.GetRequiredValue(Features).Split(',', StringSplitOptions.TrimEntries),
            Group = arguments.GetValue(Group)?.Trim(),
            Window = arguments.GetValue(Window),
            Horizon = arguments.GetValue(Horizon),
            TargetCap = arguments.GetValue(TargetCap),
        };
        return columns.Problem() is { } problem ? throw new DataException(problem) : columns;
    }
}
