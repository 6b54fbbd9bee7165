using FedQueue.Aggregator.Live;
using Microsoft.AspNetCore.Components;

namespace FedQueue.Aggregator.Dashboard;

/// <summary>A page that reads again whenever something happens; a burst of events costs one reading.</summary>
public abstract class LivePage : DatabaseView
{
    /// <summary>Shortest time between two readings.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    /// <summary>Listens from before the first reading; null on a page that is only drawn once.</summary>
    private LiveListener? listener;

    [Inject]
    private IServiceProvider Services { get; set; } = null!;

    /// <summary>Run whose events matter; null: of all.</summary>
    protected abstract string? RunId { get; }

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        listener?.Dispose();
    }

    protected override void OnInitialized()
    {
        if (RendererInfo.IsInteractive)
            listener = Services.GetRequiredService<LiveFeed>().Listen();
    }

    protected override Task OnParametersSetAsync() => Refresh();

    protected override void OnAfterRender(bool firstRender)
    {
        if (firstRender && listener is not null)
            _ = InBackground(Watch);
    }

    private async Task Watch(CancellationToken stop)
    {
        while (true)
        {
            await foreach (var happened in listener!.ReadAll(stop))
            {
                if (RunId is not null && happened.RunId != RunId)
                    continue;
                listener.Skip();
                await Reread();
                await Task.Delay(Pause, stop);
            }

            // Cut off, because it was too slow, or closed.
            stop.ThrowIfCancellationRequested();
            listener = Services.GetRequiredService<LiveFeed>().Listen();
            await Reread();
        }
    }
}
