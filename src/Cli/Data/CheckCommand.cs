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
        var command = new Command("check", "Say of each file what would be trained on, or why it cannot be.") { inputs };
        ColumnOptions.AddTo(command);
        command.SetAction(arguments => DataCommand.Run(() =>
        {
            var columns = ColumnOptions.Read(arguments);
            // Every file is looked at, also after an unusable one.
            return DataCommand.Files(arguments.GetRequiredValue(inputs)).ToList()
                .Max(path => DataCommand.Run(() => Describe(path, columns)));
        }));
        return command;
    }

    private static int Describe(string path, ColumnPlan columns)
    {
        DataDirectory.Of(path);
        var table = ParticipantFile.Read(path, columns);
        var windows = ParticipantWindows.From(table);

        Console.WriteLine(
            $"{path}: {table.Rows} rows in {table.SeriesStarts.Count} series; {windows.TrainingCount} training and {windows.HeldOutCount} "
            + $"held-out windows of {windows.Window} rows, horizon {columns.Horizon}");
        WriteRange("target", table.TargetRange(table.Rows));
        for (var feature = 0; feature < windows.Features; feature++)
            WriteRange("feature", table.FeatureRange(feature, table.Rows));
        foreach (var note in table.Notes)
            Console.WriteLine($"  note     {note}");
        return ExitStatus.Done;
    }

    private static void WriteRange(string role, ColumnRange range) =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {role,-8} {range.Name,-26} {range.Minimum} to {range.Maximum}"));
}
