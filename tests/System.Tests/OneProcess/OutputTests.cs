using FedQueue.Cli;

namespace FedQueue.System.Tests.OneProcess;

public sealed class OutputTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_run_whose_output_nobody_reads_any_more_stops_with_status_141_and_can_go_on()
    {
        await using var shell = Shell("simulate --epochs 100000 --data \"$1\" --out \"$2\" | head -1; exit ${PIPESTATUS[0]}");

        Assert.Equal(ExitStatus.OutputClosed, await shell.Exit());
        Assert.Single(shell.Output.TrimEnd().Split('\n'));
        Assert.Matches(@"\AStandard output was closed\. Interrupted in round 1\. To go on: \./fedqueue simulate --resume \S+ --out \S+\n\z", shell.Error);
    }

    [Fact]
    public async Task Other_commands_stop_without_a_word_when_nobody_reads_any_more()
    {
        await using var shell = Shell($"data check {string.Join(' ', Enumerable.Repeat("\"$1\"", 50))} | head -1; exit ${{PIPESTATUS[0]}}");

        Assert.Equal(ExitStatus.OutputClosed, await shell.Exit());
        Assert.Equal("", shell.Error);
    }

    [Theory]
    [InlineData("simulate --rounds 1 --epochs 1 --data \"$1\" --out \"$2\"", "Interrupted before anything of the run was stored; start it anew.")]
    [InlineData("simulate --rounds 1 --epochs 1 --data \"$1\" --out \"$2\" --json", "The run has ended. To see its result: ./fedqueue simulate --resume")]
    [InlineData("data check \"$1\"", "Standard output cannot be written (No space left on device).")]
    [InlineData("--help", "Standard output cannot be written (No space left on device).")]
    public async Task A_result_that_cannot_be_written_is_an_error_and_a_sentence(string command, string part)
    {
        await using var shell = Shell($"{command} >/dev/full");

        Assert.Equal(1, await shell.Exit());
        Assert.Contains(part, shell.Error, StringComparison.Ordinal);
        Assert.Contains("No space left on device", shell.Error.TrimEnd().Split('\n')[^1], StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", shell.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Standard_error_that_cannot_be_written_does_not_cost_the_result()
    {
        await using var shell = Shell("simulate --rounds 1 --epochs 1 --data \"$1\" --out \"$2\" --json 2>/dev/full");

        Assert.Equal(0, await shell.Exit());
        Assert.Equal("completed", Simulate.LastLine(shell).GetProperty("status").GetString());
    }

    [Fact]
    public async Task What_another_program_appends_to_the_same_file_is_kept()
    {
        var file = Path.Combine(folder.Path, "log");
        await using var shell = Shell("data check \"$1\" >>\"$2/log\" && echo between >>\"$2/log\" && $fedqueue data check \"$1\" >>\"$2/log\"");

        Assert.Equal(0, await shell.Exit());
        var lines = await File.ReadAllLinesAsync(file);
        Assert.Equal(lines.Length / 2, Array.IndexOf(lines, "between"));
        Assert.Equal(10, lines.Count(line => line.Contains("950 training and 240 held-out windows", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("data check \"$2\"")]
    [InlineData("simulate --data \"$2\" --out \"$2\"")]
    [InlineData("data baselines \"$2\"")]
    public async Task A_named_pipe_is_refused_by_name_and_not_waited_for(string command)
    {
        await using var shell = Shell($": && mkfifo \"$2/task_001.csv\" && $fedqueue {command}");

        Assert.Equal(2, await shell.Exit());
        Assert.Contains($"{Path.Combine(folder.Path, "task_001.csv")} is empty", shell.Error, StringComparison.Ordinal);
        Assert.Contains("A named pipe or a device counts as empty", shell.Error, StringComparison.Ordinal);
    }

    /// <summary>The program with these arguments and what the shell makes of them; $1 is the data, $2 a folder of the test.</summary>
    private RunningProgram Shell(string arguments)
    {
        var fedqueue = $"dotnet {Repository.CommandLine}";
        var script = arguments.StartsWith(':') ? arguments : $"$fedqueue {arguments}";
        return RunningProgram.Start("bash", new Dictionary<string, string> { ["fedqueue"] = fedqueue }, "-c", script, "bash", Repository.Data, folder.Path);
    }
}
