using System.CommandLine;
using FedQueue.Worker.Data;

namespace FedQueue.Cli.Data;

/// <summary><c>fedqueue data generate</c>: writes the five task traces.</summary>
internal static class GenerateCommand
{
    private const int MinRows = 100;
    private const int MaxRows = 1_000_000;

    public static Command Create()
    {
        var output = new Option<string>("--out") { Description = "Directory to write to.", DefaultValueFactory = _ => "Data" };
        var seed = new Option<ulong>("--seed") { Description = "Equal seeds give equal bytes.", DefaultValueFactory = _ => 1 };
        var rows = new Option<int>("--rows") { Description = "Rows of each file, 100 to 1,000,000.", DefaultValueFactory = _ => 1_200 };
        var json = Answer.Json();
        var force = new Option<bool>("--force") { Description = "Overwrite files that differ." };

        var command = new Command("generate", $"Write five traces of tasks on unlike edge nodes, task_001.csv to task_014.csv.{Environment.NewLine}Example: fedqueue data generate --out plant --seed 3 --rows 5000") { output, seed, rows, force, json };
        command.SetAction(arguments => Write(
            arguments.InvocationConfiguration.Output, arguments.GetRequiredValue(output),
            arguments.GetValue(seed), arguments.GetValue(rows), arguments.GetValue(force), arguments.GetValue(json)));
        return command;
    }

    private static int Write(TextWriter console, string directory, ulong seed, int rows, bool force, bool json)
    {
        if (rows is < MinRows or > MaxRows)
            throw new DataException($"{rows} rows are out of range; choose {MinRows} to {MaxRows}.");

        var files = TaskTraceGenerator.Generate(seed, rows).Select(file => (Path: Path.Combine(directory, file.FileName), file.Content)).ToArray();
        try
        {
            Directory.CreateDirectory(directory);
            var differing = files.FirstOrDefault(file => File.Exists(file.Path) && !File.ReadAllBytes(file.Path).SequenceEqual(file.Content)).Path;
            if (differing is not null && !force)
                throw new DataException($"{differing} exists and differs; add --force to overwrite it, or choose another directory with --out.");

            foreach (var (path, content) in files)
            {
                File.WriteAllBytes(path, content);
                if (!json)
                    console.WriteLine($"{path}: {rows} rows");
            }

            if (json)
                console.WriteLine(Answer.OneLineOf(new { seed, rows, files = files.Select(file => file.Path) }));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DataException($"{directory} cannot be written to ({e.Message.TrimEnd('.')}); choose another directory with --out.");
        }
        return ExitStatus.Done;
    }
}
