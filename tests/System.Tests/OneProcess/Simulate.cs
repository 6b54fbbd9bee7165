using System.Text.Json;

namespace FedQueue.System.Tests.OneProcess;

/// <summary>Runs <c>fedqueue simulate --json</c> on the data of the repository.</summary>
internal static class Simulate
{
    /// <summary>The small job that every transport must end with the same bits.</summary>
    public static readonly string[] SmallJob = ["--seed", "7", "--rounds", "3", "--epochs", "20"];

    private static readonly Lazy<Task<JsonElement>> SmallJobResult = new(() => Json([.. SmallJob, "--compare", "local"]));

    public static async Task<string> Sha256OfSmallJob() => (await SmallJobResult.Value).GetProperty("weightsSha256").GetString()!;

    /// <summary>What the result of the small job stands beside.</summary>
    public static async Task<JsonElement> ComparisonOfSmallJob() => (await SmallJobResult.Value).GetProperty("comparison");

    /// <summary>Long enough that there is time to interrupt it after its first round, however late its progress is seen.</summary>
    public static readonly string[] InterruptibleJob = ["--seed", "7", "--rounds", "5", "--epochs", "100"];

    private static readonly Lazy<Task<string>> InterruptibleJobSha256 = new(async () =>
        (await Json(InterruptibleJob)).GetProperty("weightsSha256").GetString()!);

    public static Task<string> Sha256OfInterruptibleJob() => InterruptibleJobSha256.Value;

    /// <summary>Starts it so that signals reach it: a shell that runs the tests in the background, or nohup, has them ignore some, and that would be inherited.</summary>
    public static RunningProgram Start(params string[] arguments) =>
        RunningProgram.Start("env", null, ["--default-signal=INT,HUP,QUIT", "dotnet", Repository.CommandLine, "simulate", "--compare", "none", .. arguments]);

    /// <summary>So many units that their initial weights are drawn by the method for many, and so few rows that the rest takes no time, also without vectors.</summary>
    public static string[] ManyUnits(TemporaryFolder folder)
    {
        var few = Directory.CreateDirectory(Path.Combine(folder.Path, "few")).FullName;
        foreach (var file in Directory.GetFiles(Repository.Data, "task_00?.csv"))
            File.WriteAllLines(Path.Combine(few, Path.GetFileName(file)), File.ReadLines(file).Take(31));
        return ["--data", few, "--units", "257", "--window", "3", "--rounds", "1", "--epochs", "1", "--workers", "2"];
    }

    public static JsonElement LastLine(RunningProgram program)
    {
        using var json = JsonDocument.Parse(program.Output.TrimEnd().Split('\n')[^1]);
        return json.RootElement.Clone();
    }

    /// <summary>Data of the repository, unless there is other.</summary>
    private static string[] Data(string[] arguments) => arguments.Contains("--data") ? [] : ["--data", Repository.Data];

    public static Task<JsonElement> Json(params string[] arguments) => Json(new Dictionary<string, string>(), arguments);

    /// <summary>Local models take as long again as the run, so only who asks for them gets them.</summary>
    private static string[] Comparison(string[] arguments) => arguments.Contains("--compare") ? [] : ["--compare", "none"];

    public static async Task<JsonElement> Json(IReadOnlyDictionary<string, string> environment, params string[] arguments) =>
        (await Run(environment, arguments)).Result;

    /// <returns>The result, and what was said on the way.</returns>
    public static async Task<(JsonElement Result, string Said)> Run(IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        using var output = new TemporaryFolder();
        await using var program = RunningProgram.Start("dotnet", environment,
            [Repository.CommandLine, "simulate", "--json", .. Comparison(arguments), .. Data(arguments), "--out", output.Path, .. arguments]);
        var status = await program.Exit();
        Assert.True(status == 0, $"status {status}\n{program.Output}\n{program.Error}");

        return (LastLine(program), program.Error);
    }
}

internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("fedqueue-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
