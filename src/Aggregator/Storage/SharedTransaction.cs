using Microsoft.EntityFrameworkCore;

namespace FedQueue.Aggregator.Storage;

/// <summary>
/// Handles the messages that come before one of them has its turn in one transaction, one after the other: what each would read, write and commit for itself is then
/// read, written and committed once for all of them. A message that comes alone has a transaction of its own.
/// </summary>
internal sealed class SharedTransaction
{
    private readonly Lock gate = new();

    /// <summary>Those that join the one that waits for its turn; null when nobody does.</summary>
    private List<Guest>? gathering;

    /// <summary>Returns when the change is committed and durable.</summary>
    /// <param name="scope">The message's own services.</param>
    /// <param name="change">What the message changes, by the services that it is given. It begins anew when the transaction that it shared was undone.</param>
    /// <param name="cancellationToken">Stops waiting for a turn of its own; who has joined another message waits for that one's end.</param>
    public async Task Run(IServiceScope scope, Func<IServiceScope, Task> change, CancellationToken cancellationToken)
    {
        Task<bool>? joined = null;
        List<Guest> guests = [];
        lock (gate)
        {
            if (gathering is null)
                gathering = guests;
            else
                joined = Join(gathering, change);
        }

        if (!await (joined ?? RunWith(guests, scope, change, cancellationToken)))
            await Context(scope).Transact(() => change(scope), cancellationToken);
    }

    private static Task<bool> Join(List<Guest> others, Func<IServiceScope, Task> change)
    {
        var guest = new Guest(change);
        others.Add(guest);
        return guest.Handled;
    }

    private static FedQueueDbContext Context(IServiceScope scope) => scope.ServiceProvider.GetRequiredService<FedQueueDbContext>();

    /// <returns>False when it was undone and everybody is to try alone, so that one who fails takes nobody along.</returns>
    private async Task<bool> RunWith(List<Guest> guests, IServiceScope scope, Func<IServiceScope, Task> change, CancellationToken cancellationToken)
    {
        try
        {
            // At the end of the thread pool's queue: messages that have been delivered already join before the turn is taken.
            await Task.Factory.StartNew(static () => { }, CancellationToken.None, TaskCreationOptions.PreferFairness, TaskScheduler.Default);
            await Context(scope).Transact(
                async () =>
                {
                    StopGathering();
                    await change(scope);
                    foreach (var guest in guests)
                        await guest.Run(scope);
                },
                cancellationToken);
        }
        catch (Exception exception)
        {
            // It may have failed before it had its turn.
            StopGathering();
            if (guests.Count == 0)
                throw;
            if (!StorageOutage.IsStorageProblem(exception))
            {
                guests.ForEach(guest => guest.Ends(handled: false));
                return false;
            }

            guests.ForEach(guest => guest.Fails(exception));
            throw;
        }

        guests.ForEach(guest => guest.Ends(handled: true));
        return true;

        void StopGathering()
        {
            lock (gate)
            {
                if (gathering == guests)
                    gathering = null;
            }
        }
    }

    /// <summary>A message in the transaction of another one.</summary>
    private sealed class Guest(Func<IServiceScope, Task> change)
    {
        private readonly ExecutionContext? own = ExecutionContext.Capture();

        private readonly TaskCompletionSource<bool> handled = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>False when the transaction was undone.</summary>
        public Task<bool> Handled => handled.Task;

        /// <summary>As a part of the message's own trace.</summary>
        public async Task Run(IServiceScope scope)
        {
            var running = Task.CompletedTask;
            if (own is null)
                running = change(scope);
            else
                ExecutionContext.Run(own, _ => running = change(scope), null);
            await running;
        }

        public void Ends(bool handled) => this.handled.SetResult(handled);

        public void Fails(Exception exception) => handled.SetException(exception);
    }
}
