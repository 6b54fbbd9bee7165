using Microsoft.Extensions.Hosting;

namespace FedQueue.Contracts;

/// <summary>Ends the program in order, or without it when order takes too long.</summary>
internal sealed class Ending(IHostApplicationLifetime lifetime)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    private int status;

    /// <summary>Exit status of the program; 0 while there is no reason to end.</summary>
    public int Status => status;

    /// <summary>The first reason counts; what fails after it fails because of it.</summary>
    /// <param name="reason">As a sentence.</param>
    /// <param name="exitStatus">One of <see cref="Startup"/>.</param>
    public void Because(string reason, int exitStatus = Startup.Restart)
    {
        if (Interlocked.CompareExchange(ref status, exitStatus, 0) != 0)
            return;
        Console.Error.WriteLine(PlainText.Of(reason));
        lifetime.StopApplication();
        _ = Force();
    }

    private async Task Force()
    {
        await Task.Delay(Limit);
        Environment.Exit(status);
    }
}
