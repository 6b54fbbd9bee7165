namespace FedQueue.Reliability;

internal static class Repository
{
    /// <summary>The folder of FedQueue.sln.</summary>
    public static string Root { get; } = Find();

    public static string Data => Path.Combine(Root, "Data");

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
