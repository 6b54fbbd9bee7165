namespace FedQueue.System.Tests;

/// <summary>Who may know whom, as ARCHITECTURE.md has it.</summary>
public sealed class DependencyRuleTests
{
    [Theory]
    [InlineData("Contracts", "EntityFrameworkCore", "TorchSharp", "AspNetCore", "FedQueue.Aggregator", "FedQueue.Worker")]
    [InlineData("Aggregator", "TorchSharp", "FedQueue.Worker")]
    [InlineData("Worker", "EntityFrameworkCore", "AspNetCore", "FedQueue.Aggregator")]
    public void A_project_does_not_mention_what_it_must_not_know(string project, params string[] forbidden)
    {
        var folder = Path.Combine(Repository.Root, "src", project);
        var files = Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Where(file => Path.GetExtension(file) is ".cs" or ".csproj")
            .Where(file => !Path.GetRelativePath(folder, file).StartsWith("bin", StringComparison.Ordinal)
                && !Path.GetRelativePath(folder, file).StartsWith("obj", StringComparison.Ordinal))
            .ToList();

        Assert.NotEmpty(files);
        Assert.All(files, file => Assert.All(forbidden, word => Assert.DoesNotContain(word, File.ReadAllText(file), StringComparison.Ordinal)));
    }
}
