using Microsoft.Extensions.Hosting;

namespace FedQueue.Contracts;

/// <summary>Ends the program in order, or without it when order takes too long.</summary>
internal sealed class Ending(IHostApplicationLifetime lifetime)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    public bool HasReason { get; private set; }

    public void Because(string reason)
    {
        HasReason = true;
        Console.Error.WriteLine(PlainText.Of(reason));
        lifetime.StopApplication();
        _ = Force();
    }

    private static async Task Force()
    {
        await Task.Delay(Limit);
        Environment.Exit(Startup.Restart);
    }
}
