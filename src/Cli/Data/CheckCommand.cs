using System.CommandLine;
using FedQueue.Contracts;
using FedQueue.Worker.Data;

namespace FedQueue.Cli.Data;

/// <summary><c>fedqueue data check</c>: says of each file what would be trained on, or why it cannot be.</summary>
internal static class CheckCommand
{
    public static Command Create()
    {
        var (inputs, json) = (DataCommand.Inputs(), Answer.Json());
        var command = new Command("check", $"Say of each file what would be trained on, or why it cannot be.{Environment.NewLine}Example: fedqueue data check plant/*.csv --target load --features temp,load --window 24") { inputs, json };
        ColumnOptions.AddTo(command);
        command.SetAction(arguments =>
        {
            var columns = ColumnOptions.Read(arguments);
            var (output, error) = (arguments.InvocationConfiguration.Output, arguments.InvocationConfiguration.Error);
            List<CheckedFile> files = [];
            foreach (var file in arguments.GetRequiredValue(inputs).SelectMany(input => Check(input, columns)))
            {
                files.Add(file);
                if (file.Problem is not null)
                    error.WriteLine(file.Problem);
                else if (!arguments.GetValue(json))
                    file.WriteTo(output);
            }

            if (arguments.GetValue(json))
                output.WriteLine(Answer.OneLineOf(new { usable = files.All(file => file.Problem is null), files }));
            return files.All(file => file.Problem is null) ? ExitStatus.Done : ExitStatus.Usage;
        });
        return command;
    }

    /// <summary>Checks every file of an input, also after an unusable one.</summary>
    private static IEnumerable<CheckedFile> Check(string input, ColumnPlan columns)
    {
        IEnumerable<string> paths = [];
        CheckedFile? unusable = null;
        try
        {
            paths = [.. DataCommand.Files(input)];
        }
        catch (DataException exception)
        {
            unusable = new CheckedFile { Path = input, Problem = exception.Message };
        }

        return unusable is null ? paths.Select(path => CheckedFile.Of(path, columns)) : [unusable];
    }
}

/// <summary>What would be trained on, of one file.</summary>
internal sealed record CheckedFile
{
    public required string Path { get; init; }

    /// <summary>Why it cannot be trained on, and what to do; null when it can, and only then there is all the rest.</summary>
    public string? Problem { get; init; }

    public int Rows { get; init; }
    public int Series { get; init; }
    public int TrainingWindows { get; init; }
    public int HeldOutWindows { get; init; }
    public int Window { get; init; }
    public int Horizon { get; init; }

    /// <summary>Over all rows.</summary>
    public ColumnRange? Target { get; init; }

    /// <summary>Over all rows.</summary>
    public IReadOnlyList<ColumnRange> Features { get; init; } = [];

    public IReadOnlyList<string> Notes { get; init; } = [];

    public static CheckedFile Of(string path, ColumnPlan columns)
    {
        try
        {
            DataDirectory.Of(path);
            var table = ParticipantFile.Read(path, columns);
            var windows = ParticipantWindows.From(table);
            return new CheckedFile
            {
                Path = path,
                Rows = table.Rows,
                Series = table.SeriesStarts.Count,
                TrainingWindows = windows.TrainingCount,
                HeldOutWindows = windows.HeldOutCount,
                Window = windows.Window,
                Horizon = columns.Horizon,
                Target = table.TargetRange(table.Rows),
                Features = [.. Enumerable.Range(0, windows.Features).Select(feature => table.FeatureRange(feature, table.Rows))],
                Notes = table.Notes,
            };
        }
        catch (DataException exception)
        {
            return new CheckedFile { Path = path, Problem = exception.Message };
        }
    }

    public void WriteTo(TextWriter console)
    {
        console.WriteLine($"{Path}: {Rows} rows in {Series} series; {TrainingWindows} training and {HeldOutWindows} held-out windows of {Window} rows, horizon {Horizon}");
        console.WriteLine(Line("target", Target!.Value));
        foreach (var feature in Features)
            console.WriteLine(Line("feature", feature));
        foreach (var note in Notes)
            console.WriteLine($"  note     {note}");
    }

    private static string Line(string role, ColumnRange range) =>
        $"  {role,-8} {range.Name,-26} {Figure.OfData(range.Minimum)} to {Figure.OfData(range.Maximum)}";
}
