using System.Runtime.InteropServices;

namespace FedQueue.Cli;

/// <summary>
/// The signals that end a command in order as Ctrl+C and SIGTERM do, which System.CommandLine hears itself: a terminal that was closed, and Ctrl+\.
/// </summary>
internal sealed class Interruption : IDisposable
{
    private readonly CancellationTokenSource source = new();
    private readonly List<PosixSignalRegistration> signals = [];

    public Interruption()
    {
        if (OperatingSystem.IsWindows())
            return;
        foreach (var signal in new[] { PosixSignal.SIGHUP, PosixSignal.SIGQUIT })
            signals.Add(PosixSignalRegistration.Create(signal, context =>
            {
                context.Cancel = true;
                source.Cancel();
            }));
    }

    public CancellationToken Token => source.Token;

    public void Dispose()
    {
        signals.ForEach(signal => signal.Dispose());
        source.Dispose();
    }
}
