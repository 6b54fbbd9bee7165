using System.Text;
using FedQueue.Cli.Data;
using FedQueue.Contracts;
using FedQueue.Worker.Data;

namespace FedQueue.System.Tests.Data;

public class TaskTraceGeneratorTests
{
    private static readonly string CommittedData = Path.Combine(RepositoryRoot(), "Data");

    [Fact]
    public void Equal_seeds_give_equal_bytes_and_other_seeds_others()
    {
        var (first, second, other) = (Content(seed: 7), Content(seed: 7), Content(seed: 8));

        Assert.Equal(first, second);
        Assert.All(first.Zip(other), pair => Assert.NotEqual(pair.First, pair.Second));
    }

    [Fact]
    public void The_files_in_Data_are_those_of_seed_1_byte_for_byte()
    {
        foreach (var (name, content) in TaskTraceGenerator.Generate(seed: 1, rows: 1_200))
            Assert.True(File.ReadAllBytes(Path.Combine(CommittedData, name)).AsSpan().SequenceEqual(content), name);
    }

    [Fact]
    public void The_files_are_the_tutorials_and_have_its_columns()
    {
        var files = TaskTraceGenerator.Generate(seed: 3, rows: 1_000).ToList();

        Assert.Equal(["task_001.csv", "task_005.csv", "task_009.csv", "task_010.csv", "task_014.csv"], files.Select(file => file.FileName));
        foreach (var lines in files.Select(file => Encoding.ASCII.GetString(file.Content).Split('\n')))
        {
            Assert.Equal("Progress,CPU_Frequency,Memory_Usage,Task_Type,Speed,Delay,Historical_Task_Count,Historical_Task_Duration", lines[0]);
            Assert.Equal(1_000 + 2, lines.Length);
            Assert.Equal("", lines[^1]);
        }
    }

    [Fact]
    public void A_longer_trace_begins_like_a_shorter_one()
    {
        foreach (var (shorter, longer) in Content(seed: 1, rows: 100).Zip(Content(seed: 1, rows: 200)))
            Assert.StartsWith(shorter, longer, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_file_of_Data_can_be_trained_on_and_no_column_is_constant()
    {
        foreach (var source in DataDirectory.List(CommittedData))
        {
            var table = ParticipantFile.Read(source.Path, new ColumnPlan());

            Assert.Equal((1_200, 0), (table.Rows, table.Notes.Count));
            Assert.Equal(950, ParticipantWindows.From(table).TrainingCount);
        }
    }

    [Fact]
    public void The_baselines_in_the_README_are_those_of_the_data()
    {
        var readme = File.ReadAllText(Path.Combine(CommittedData, "README.md"));

        foreach (var source in DataDirectory.List(CommittedData))
        {
            var baselines = Baselines.Of(ParticipantWindows.From(ParticipantFile.Read(source.Path, new ColumnPlan())));
            var row = FormattableString.Invariant(
                $"| {source.Participant} | {baselines.RepeatLast!.RootMeanSquaredError():F3} | {baselines.Linear!.RootMeanSquaredError():F3} |");
            Assert.Contains(row, readme, StringComparison.Ordinal);
        }
    }

    private static List<string> Content(ulong seed, int rows = 1_200) =>
        [.. TaskTraceGenerator.Generate(seed, rows).Select(file => Encoding.ASCII.GetString(file.Content))];

    private static string RepositoryRoot()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(directory.FullName, "FedQueue.sln")))
            directory = directory.Parent ?? throw new InvalidOperationException("No FedQueue.sln above the tests.");
        return directory.FullName;
    }
}
