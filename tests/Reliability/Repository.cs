namespace FedQueue.Reliability;

internal static class Repository
{
    /// <summary>The folder of FedQueue.sln.</summary>
    public static string Root { get; } = Find();

    public static string Data => Path.Combine(Root, "Data");

    /// <summary>The command line: what the launcher built where ./test.sh says so, which starts in half the time, or else the build of this one.</summary>
    public static string CommandLine { get; } = Environment.GetEnvironmentVariable("FEDQUEUE_CLI") ?? Program("Cli", "fedqueue.dll");

    /// <summary>A program where its own build put it, in the configuration of this one: a copy elsewhere may lack what its framework brings.</summary>
    public static string Program(string project, string assembly)
    {
        var build = new DirectoryInfo(AppContext.BaseDirectory);
        return Path.Combine(Root, "src", project, "bin", build.Parent!.Name, build.Name, assembly);
    }

    private static string Find()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "FedQueue.sln")))
            folder = folder.Parent ?? throw new InvalidOperationException("FedQueue.sln is in no folder above this program.");
        return folder.FullName;
    }
}
