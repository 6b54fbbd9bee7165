using System.CommandLine;
using FedQueue.Cli;
using FedQueue.Cli.Data;

namespace FedQueue.System.Tests.Data;

public sealed class DataCommandTests : IDisposable
{
    private readonly string directory = Directory.CreateTempSubdirectory("fedqueue-").FullName;

    public void Dispose() => Directory.Delete(directory, recursive: true);

    [Fact]
    public void Generate_writes_five_files_and_overwrites_others_only_with_force()
    {
        Assert.Equal(ExitStatus.Done, Run("generate", "--out", directory, "--rows", "100").Status);
        Assert.Equal(ExitStatus.Done, Run("generate", "--out", directory, "--rows", "100").Status);
        var before = File.ReadAllText(Path.Combine(directory, "task_001.csv"));

        var refused = Run("generate", "--out", directory, "--rows", "100", "--seed", "2");

        Assert.Equal(ExitStatus.Usage, refused.Status);
        Assert.Equal(
            $"{Path.Combine(directory, "task_001.csv")} exists and differs; add --force to overwrite it, or choose another directory with --out.",
            refused.Error);
        Assert.Equal(before, File.ReadAllText(Path.Combine(directory, "task_001.csv")));
        Assert.Equal(ExitStatus.Done, Run("generate", "--out", directory, "--rows", "100", "--seed", "2", "--force").Status);
        Assert.NotEqual(before, File.ReadAllText(Path.Combine(directory, "task_001.csv")));
        Assert.Equal(5, Directory.GetFiles(directory).Length);
    }

    [Fact]
    public void Check_says_what_would_be_trained_on()
    {
        var path = Write("pump.csv", "id,unit,x,y\n" + string.Concat(Enumerable.Range(0, 20).Select(i => $"{i},{i / 10},{i % 10},{i * 1.5}\n")));

        var result = Run("check", path, "--target", "y", "--features", "x", "--group", "unit", "--window", "3", "--horizon", "0", "--target-cap", "20.5");

        Assert.Equal((ExitStatus.Done, ""), (result.Status, result.Error));
        Assert.Equal(
            $"""
            {path}: 20 rows in 2 series; 12 training and 4 held-out windows of 3 rows, horizon 0
              target   y                          0 to 20.5
              feature  x                          0 to 9
              note     not used: 'id'
              note     the target is above its cap of 20.5 in 6 of 20 rows
            """,
            result.Output, ignoreLineEndingDifferences: true);
    }

    [Fact]
    public void Check_goes_on_after_an_unusable_file_and_ends_with_status_2()
    {
        var bad = Write("a.csv", "x,y\n1,two\n");
        var good = Write("b.csv", "x,y\n1,1\n2,2\n3,3\n4,4\n5,5\n");

        var result = Run("check", directory, Path.Combine(directory, "none.csv"), "--target", "y", "--features", "x", "--window", "2");

        Assert.Equal(ExitStatus.Usage, result.Status);
        Assert.StartsWith($"{good}: 5 rows", result.Output, StringComparison.Ordinal);
        Assert.Equal(2, result.Error.Split('\n').Length);
        Assert.StartsWith($"{bad}, line 2, column 'y': 'two' is not a number", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Baselines_are_shown_per_participant_and_weighted_by_windows()
    {
        // The last value errs by 1 in the one held-out window of a, and by 2 in the two of b: √((1 + 4 + 4) / 3).
        Write("a.csv", "y\n1\n2\n3\n4\n5\n");
        Write("b.csv", "y\n2\n4\n6\n8\n10\n12\n14\n16\n18\n20\n");

        var lines = Run("baselines", directory, "--target", "y", "--features", "y", "--window", "2").Output.Split('\n');

        Assert.Equal(["a", "1", "1.0000"], Cells(lines[2]).Take(3));
        Assert.Equal(["b", "2", "2.0000"], Cells(lines[3]).Take(3));
        Assert.Equal(["weighted", "3", "1.7321"], Cells(lines[4]).Take(3));
    }

    [Theory]
    [InlineData("The window of 0 rows is out of range; choose 1 to 10000.", "--window", "0")]
    [InlineData("The feature 'x' is named twice; name it once.", "--features", "x, x")]
    [InlineData("The features lack a name; name at least one input column, separated by commas.", "--features", "x,,y")]
    [InlineData("The group has no name; name a column, or leave it out when the file is one series.", "--group", "")]
    public void Options_out_of_range_are_refused_with_a_sentence(string sentence, params string[] options)
    {
        Assert.Equal((ExitStatus.Usage, "", sentence), Run(["check", directory, .. options]));
        Assert.Equal((ExitStatus.Usage, "", sentence), Run(["baselines", directory, .. options]));
    }

    private string Write(string name, string content)
    {
        var path = Path.Combine(directory, name);
        File.WriteAllText(path, content);
        return path;
    }

    private static (int Status, string Output, string Error) Run(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var status = CommandLine.Run(["data", .. arguments], output, error).GetAwaiter().GetResult();
        return (status, output.ToString().TrimEnd(), error.ToString().TrimEnd());
    }

    private static string[] Cells(string line) => line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
