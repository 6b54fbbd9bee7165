using System.CommandLine;
using System.Globalization;
using FedQueue.Contracts;
using FedQueue.Worker.Data;

namespace FedQueue.Cli.Data;

/// <summary><c>fedqueue data check</c>: says of each file what would be trained on, or why it cannot be.</summary>
internal static class CheckCommand
{
    public static Command Create()
    {
        var inputs = DataCommand.Inputs();
        var command = new Command("check", $"Say of each file what would be trained on, or why it cannot be.{Environment.NewLine}Example: fedqueue data check plant/*.csv --target load --features temp,load --window 24") { inputs };
        ColumnOptions.AddTo(command);
        command.SetAction(arguments => DataCommand.Run(arguments, () =>
        {
            var columns = ColumnOptions.Read(arguments);
            return arguments.GetRequiredValue(inputs).Max(input => CheckAll(arguments, input, columns));
        }));
        return command;
    }

    /// <summary>Checks every file of an input, also after an unusable one.</summary>
    private static int CheckAll(ParseResult arguments, string input, ColumnPlan columns) => DataCommand.Run(arguments, () =>
        DataCommand.Files(input).Max(path => DataCommand.Run(arguments, () => Describe(arguments.InvocationConfiguration.Output, path, columns))));

    private static int Describe(TextWriter console, string path, ColumnPlan columns)
    {
        DataDirectory.Of(path);
        var table = ParticipantFile.Read(path, columns);
        var windows = ParticipantWindows.From(table);

        console.WriteLine(
            $"{path}: {table.Rows} rows in {table.SeriesStarts.Count} series; {windows.TrainingCount} training and {windows.HeldOutCount} "
            + $"held-out windows of {windows.Window} rows, horizon {columns.Horizon}");
        console.WriteLine(Line("target", table.TargetRange(table.Rows)));
        for (var feature = 0; feature < windows.Features; feature++)
            console.WriteLine(Line("feature", table.FeatureRange(feature, table.Rows)));
        foreach (var note in table.Notes)
            console.WriteLine($"  note     {note}");
        return ExitStatus.Done;
    }

    private static string Line(string role, ColumnRange range) =>
        string.Create(CultureInfo.InvariantCulture, $"  {role,-8} {range.Name,-26} {range.Minimum} to {range.Maximum}");
}
