using System.Text;

namespace FedQueue.Worker.Tests.Data;

/// <summary>A directory of its own, gone with the test.</summary>
internal sealed class TemporaryDirectory : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("fedqueue-").FullName;

    public string Write(string content, string name = "task_001.csv") => Write(Encoding.UTF8.GetBytes(content), name);

    public string Write(byte[] content, string name = "task_001.csv")
    {
        var path = System.IO.Path.Combine(Path, name);
        File.WriteAllBytes(path, content);
        return path;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
