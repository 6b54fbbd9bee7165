namespace FedQueue.Contracts;

/// <summary>Tells files from what only looks like one.</summary>
public static class RegularFile
{
    /// <summary>Length in bytes; 0 of pipes, sockets and devices, whose opening may wait forever and whose end may never come.</summary>
    /// <exception cref="IOException">The file, or what a link stands for, cannot be looked at.</exception>
    public static long LengthOf(string path)
    {
        var target = File.ResolveLinkTarget(path, returnFinalTarget: true) as FileInfo ?? new FileInfo(path);
        return target.Exists ? target.Length : 0;
    }
}
