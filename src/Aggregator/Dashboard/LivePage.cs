using FedQueue.Aggregator.Live;
using FedQueue.Aggregator.Storage;
using Microsoft.AspNetCore.Components;

namespace FedQueue.Aggregator.Dashboard;

/// <summary>A page that reads from the database what it shows, again whenever something happens; a burst of events costs one reading.</summary>
public abstract class LivePage : ComponentBase, IDisposable
{
    /// <summary>Shortest time between two readings.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    private readonly CancellationTokenSource closed = new();

    /// <summary>Listens from before the first reading; null on a page that is only drawn once.</summary>
    private LiveListener? listener;

    [Inject]
    protected IServiceScopeFactory Scopes { get; set; } = null!;

    [Inject]
    private IServiceProvider Services { get; set; } = null!;

    /// <summary>Run whose events matter; null: of all.</summary>
    protected abstract string? RunId { get; }

    /// <summary>Why the newest reading failed; null when it did not.</summary>
    protected string? Trouble { get; private set; }

    public void Dispose()
    {
        closed.Cancel();
        closed.Dispose();
        listener?.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected abstract Task Load(FedQueueDbContext db, IServiceProvider services, CancellationToken stop);

    protected override void OnInitialized()
    {
        if (RendererInfo.IsInteractive)
            listener = Services.GetRequiredService<LiveFeed>().Listen();
    }

    protected override Task OnParametersSetAsync() => Refresh();

    protected override void OnAfterRender(bool firstRender)
    {
        if (firstRender && listener is not null)
            _ = Watch(listener, closed.Token);
    }

    /// <summary>Reads now.</summary>
    protected async Task Refresh()
    {
        try
        {
            await using var scope = Scopes.CreateAsyncScope();
            await Load(scope.ServiceProvider.GetRequiredService<FedQueueDbContext>(), scope.ServiceProvider, closed.Token);
            Trouble = null;
        }
        catch (Exception exception) when (StorageOutage.IsStorageProblem(exception))
        {
            // The page shows what it knew before, and says so.
            Trouble = $"The database does not answer ({exception.GetBaseException().Message.TrimEnd('.')}); what is shown here may be old.";
        }
        catch (OperationCanceledException) when (closed.IsCancellationRequested)
        {
            // Nobody looks any more.
        }
    }

    private async Task Watch(LiveListener listening, CancellationToken stop)
    {
        try
        {
            while (true)
            {
                await foreach (var happened in listening.ReadAll(stop))
                {
                    if (RunId is not null && happened.RunId != RunId)
                        continue;
                    listening.Skip();
                    await InvokeAsync(Reread);
                    await Task.Delay(Pause, stop);
                }

                // Cut off, because it was too slow, or closed.
                stop.ThrowIfCancellationRequested();
                listener = listening = Services.GetRequiredService<LiveFeed>().Listen();
                await InvokeAsync(Reread);
            }
        }
        catch (OperationCanceledException)
        {
            // Nobody looks any more.
        }
        catch (Exception exception)
        {
            // The page says that it has stopped, instead of growing old.
            await DispatchExceptionAsync(exception);
        }

        async Task Reread()
        {
            await Refresh();
            StateHasChanged();
        }
    }
}
