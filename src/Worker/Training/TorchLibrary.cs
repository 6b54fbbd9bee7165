using System.Runtime.InteropServices;
using System.Text;

namespace FedQueue.Worker.Training;

/// <summary>Finds out before libtorch is loaded whether it can be: its own error names neither the cause nor the cure.</summary>
internal static class TorchLibrary
{
    /// <summary>Symbol version of GCC 13's C++ runtime, which TorchSharp 0.107 is linked against.</summary>
    private const string NeededVersion = "GLIBCXX_3.4.32";

    /// <returns>Why libtorch cannot be loaded on this system and what to do, as a sentence; null when nothing is known against it.</returns>
    public static string? Problem()
    {
        if (!IsInstalled())
            return !IsPacked()
                ? $"TorchSharp has no libtorch for {RuntimeInformation.RuntimeIdentifier}. Train with --engine simd."
                : "This installation has no libtorch, which the .NET tool leaves out for its 600 MB. Train with --engine simd, use ./fedqueue of a clone, "
                    + "which has it, or install the package libtorch-cpu for your system and name the folder of its libraries in LD_LIBRARY_PATH.";
        if (!OperatingSystem.IsLinux())
            return null;

        // The runtime of .NET has loaded the library already, so the process knows which file it is.
        var loaded = File.ReadLines("/proc/self/maps")
            .Select(line => line[(line.LastIndexOf(' ') + 1)..])
            .FirstOrDefault(path => Path.GetFileName(path).StartsWith("libstdc++.so.6", StringComparison.Ordinal));
        return loaded is null ? null : ProblemOf(loaded);
    }

    /// <summary>Whether the native library lies in a folder in which the runtime or the system's loader looks.</summary>
    private static bool IsInstalled()
    {
        var name = OperatingSystem.IsWindows() ? "torch_cpu.dll" : OperatingSystem.IsMacOS() ? "libtorch_cpu.dylib" : "libtorch_cpu.so";
        var folders = $"{AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES")}{Path.PathSeparator}{Environment.GetEnvironmentVariable(OperatingSystem.IsWindows() ? "PATH" : "LD_LIBRARY_PATH")}";
        return folders.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Append(Path.Combine(AppContext.BaseDirectory, "runtimes", RuntimeInformation.RuntimeIdentifier, "native"))
            .Any(folder => File.Exists(Path.Combine(folder, name)));
    }

    /// <summary>Whether there is a package of libtorch for this system; see Libtorch.props.</summary>
    private static bool IsPacked() => RuntimeInformation.ProcessArchitecture == (OperatingSystem.IsMacOS() ? Architecture.Arm64 : Architecture.X64)
        && !RuntimeInformation.RuntimeIdentifier.Contains("musl", StringComparison.Ordinal);

    internal static string? ProblemOf(string path) =>
        File.ReadAllBytes(path).AsSpan().IndexOf(Encoding.ASCII.GetBytes(NeededVersion)) >= 0
            ? null
            : $"The C++ library {path} is too old for TorchSharp: it lacks {NeededVersion}, which came with GCC 13. "
                + "Use Ubuntu 24.04, Debian 13, Fedora 39 or newer, update libstdc++ (./fedqueue simulate --engine torch does so on Debian as root), run the container, or train with the engine simd, which does not need it.";
}
