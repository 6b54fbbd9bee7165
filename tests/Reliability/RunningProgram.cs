using System.Diagnostics;
using System.Text;

namespace FedQueue.Reliability;

/// <summary>A process of our own, whose output is kept; it is ended, by its id, when it is disposed.</summary>
internal sealed class RunningProgram : IAsyncDisposable
{
    private readonly Process process;
    private readonly StringBuilder output = new();
    private readonly StringBuilder error = new();

    private RunningProgram(ProcessStartInfo start, Action<string>? hear)
    {
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        process = new Process { StartInfo = start };
        process.OutputDataReceived += (_, line) => Keep(output, line.Data);
        process.ErrorDataReceived += (_, line) =>
        {
            Keep(error, line.Data);
            if (line.Data is not null)
                hear?.Invoke(line.Data);
        };
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public string Output => Read(output);

    public string Error => Read(error);

    /// <summary>Status with which it ended by itself; null while it runs.</summary>
    public int Id => process.Id;

    public int? ExitCode => process.HasExited ? process.ExitCode : null;

    /// <summary>The command line program.</summary>
    public static RunningProgram FedQueue(params string[] arguments) => Start("dotnet", null, [Repository.CommandLine, .. arguments]);

    public static RunningProgram Start(string command, IReadOnlyDictionary<string, string>? settings, params string[] arguments) =>
        Start(null, command, settings, arguments);

    /// <param name="hear">Is told every line of standard error as it comes.</param>
    public static RunningProgram Start(
        Action<string>? hear, string command, IReadOnlyDictionary<string, string>? settings, params string[] arguments)
    {
        var start = new ProcessStartInfo(command, arguments) { WorkingDirectory = Repository.Root };
        foreach (var (name, value) in settings ?? new Dictionary<string, string>())
            start.Environment[name] = value;
        return new RunningProgram(start, hear);
    }

    /// <returns>The exit status.</returns>
    public async Task<int> Exit()
    {
        using var timeout = new CancellationTokenSource(Hang.Limit);
        try
        {
            await process.WaitForExitAsync(timeout.Token);
        }
        catch (OperationCanceledException)
        {
            var command = $"{process.StartInfo.FileName} {string.Join(' ', process.StartInfo.ArgumentList)}";
            throw new TimeoutException($"{command} did not end within {Hang.Limit}.\n{Output}\n{Error}");
        }

        return process.ExitCode;
    }

    /// <summary>Waits until the condition holds; the message of the failure has what the program said. One that has ended says nothing more.</summary>
    public Task Until(Func<RunningProgram, bool> condition, string what) => Eventually.Holds(
        async () =>
        {
            var ended = process.HasExited;
            if (ended)
                await Exit();
            if (condition(this))
                return true;
            return ended ? throw new InvalidOperationException($"It ended with {ExitCode} before {what}\n{Output}\n{Error}") : false;
        },
        () => $"{what}\n{Output}\n{Error}");

    /// <summary>SIGKILL: no time to say goodbye.</summary>
    public void Kill() => process.Kill();

    /// <summary>What Ctrl+C sends (2) or what a container's stop sends (15).</summary>
    public async Task Signal(int signal)
    {
        await using var kill = Start("kill", null, $"-{signal}", $"{process.Id}");
        await kill.Exit();
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
            process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
    }

    private static void Keep(StringBuilder lines, string? line)
    {
        if (line is null)
            return;
        lock (lines)
            lines.Append(line).Append('\n');
    }

    private static string Read(StringBuilder lines)
    {
        lock (lines)
            return lines.ToString();
    }
}
