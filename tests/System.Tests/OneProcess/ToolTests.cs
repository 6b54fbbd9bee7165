using System.IO.Compression;
using System.Text.RegularExpressions;

namespace FedQueue.System.Tests.OneProcess;

/// <summary>The command as a .NET tool, packed and installed as the README says.</summary>
public sealed class ToolTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task The_tool_is_packed_without_libtorch_installed_and_trains()
    {
        await Run("dotnet", "pack", "src/Cli", "--output", Under("package"));
        await using (var package = await ZipFile.OpenReadAsync(Assert.Single(Directory.GetFiles(Under("package"), "*.nupkg"))))
            Assert.DoesNotContain(package.Entries, entry => entry.Name.Contains("torch_cpu", StringComparison.Ordinal));
        // Other tests start workers that train with it, from the build that packing has just used.
        Assert.Contains(Directory.GetFiles(Path.GetDirectoryName(Repository.Program("Worker", "FedQueue.Worker.dll"))!, "*", SearchOption.AllDirectories),
            file => Path.GetFileName(file).Contains("torch_cpu", StringComparison.Ordinal));
        await Run("dotnet", "tool", "install", "FedQueue", "--tool-path", Under("tool"), "--add-source", Under("package"));

        var fedqueue = Path.Combine(Under("tool"), "fedqueue");
        var trained = await Run(fedqueue, "simulate", "--data", Repository.Data, "--out", Under("runs"), "--rounds", "1", "--epochs", "1", "--compare", "none");
        Assert.Matches(new Regex("SHA-256 of the final weights: [0-9a-f]{64}"), trained);

        await using var torch = RunningProgram.Start(
            fedqueue, new Dictionary<string, string> { ["LD_LIBRARY_PATH"] = "" }, "simulate", "--data", Repository.Data, "--out", Under("runs"), "--engine", "torch");
        Assert.Equal(2, await torch.Exit());
        Assert.StartsWith("This installation has no libtorch, which the .NET tool leaves out for its 600 MB. Train with --engine simd,", torch.Error, StringComparison.Ordinal);
    }

    private string Under(string name) => Path.Combine(folder.Path, name);

    private static async Task<string> Run(string command, params string[] arguments)
    {
        await using var program = RunningProgram.Start(command, new Dictionary<string, string> { ["DOTNET_NOLOGO"] = "1" }, arguments);
        Assert.True(await program.Exit() == 0, program.Output + program.Error);
        return program.Output;
    }
}
