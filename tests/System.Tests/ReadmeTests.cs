using FedQueue.Cli;

namespace FedQueue.System.Tests;

public sealed class ReadmeTests
{
    public static TheoryData<string> Commands() =>
    [
        .. new[] { "README.md", Path.Combine("Data", "README.md") }
            .SelectMany(file => File.ReadLines(Path.Combine(Repository.Root, file)))
            .Where(line => line.StartsWith("./fedqueue ", StringComparison.Ordinal))
            .Select(line => line["./fedqueue ".Length..].Split('#')[0].Trim())
            .Distinct(),
    ];

    [Theory]
    [MemberData(nameof(Commands))]
    public void The_program_understands_every_command_that_a_README_gives(string command) =>
        Assert.Empty(FedQueue.Cli.Commands.Create().Parse(command).Errors);

    [Fact]
    public async Task The_launcher_builds_if_it_must_and_runs_the_program()
    {
        await using var launcher = RunningProgram.Start(Path.Combine(Repository.Root, "fedqueue"), null, "data", "check", "Data");

        Assert.True(await launcher.Exit() == 0, launcher.Error);
        Assert.Contains("950 training and 240 held-out windows", launcher.Output, StringComparison.Ordinal);
    }
}
