using FedQueue.Aggregator.Storage;
using Microsoft.AspNetCore.Components;

namespace FedQueue.Aggregator.Dashboard;

/// <summary>A part of a page that shows what it reads from the database; while that is away it says so and keeps what it knew.</summary>
public abstract class DatabaseView : ComponentBase, IDisposable
{
    private static readonly TimeSpan TriesAgainAfter = TimeSpan.FromSeconds(2);

    private readonly CancellationTokenSource closed = new();
    private bool willTryAgain;

    [Inject]
    protected IServiceScopeFactory Scopes { get; set; } = null!;

    /// <summary>Why the newest reading failed; null when it did not.</summary>
    protected string? Trouble { get; private set; }

    [Inject]
    private TimeProvider Clock { get; set; } = null!;

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
        // Not disposed: what still runs asks it, and it holds nothing.
        closed.Cancel();
    }

    /// <summary>Reads, and then changes what is shown at once: an exception on the way leaves all as it was.</summary>
    private protected abstract Task Load(FedQueueDbContext db, IServiceProvider services, CancellationToken stop);

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
            Trouble = $"{Text.Outage(exception)}; what is shown here may be old.";
            if (RendererInfo.IsInteractive && !willTryAgain)
                _ = InBackground(TryAgain);
        }
        catch (OperationCanceledException) when (closed.IsCancellationRequested)
        {
            // Nobody looks any more.
        }
    }

    /// <summary>Reads now, for something that happened outside of the page.</summary>
    protected Task Reread() => InvokeAsync(async () =>
    {
        await Refresh();
        StateHasChanged();
    });

    /// <summary>Runs until the page is closed.</summary>
    protected async Task InBackground(Func<CancellationToken, Task> work)
    {
        try
        {
            await work(closed.Token);
        }
        catch (OperationCanceledException) when (closed.IsCancellationRequested)
        {
            // Nobody looks any more.
        }
        catch (Exception exception)
        {
            // The page says that it has stopped, instead of growing old.
            await DispatchExceptionAsync(exception);
        }
    }

    private async Task TryAgain(CancellationToken stop)
    {
        willTryAgain = true;
        await Task.Delay(TriesAgainAfter, Clock, stop);
        willTryAgain = false;
        await Reread();
    }
}
