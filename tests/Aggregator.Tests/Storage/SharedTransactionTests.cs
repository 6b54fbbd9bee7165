using System.Collections.Concurrent;
using System.Data.Common;
using FedQueue.Aggregator.Rounds;
using FedQueue.Aggregator.Storage;
using FedQueue.Contracts;
using MassTransit;
using MassTransit.Saga;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using static FedQueue.Aggregator.Tests.Answers;

namespace FedQueue.Aggregator.Tests.Storage;

public sealed class SharedTransactionTests : IAsyncLifetime
{
    private readonly Commits commits = new();
    private AggregatorHost aggregator = null!;

    public async Task InitializeAsync() => aggregator = await AggregatorHost.Start(register: services =>
        services.ConfigureDbContext<SqliteDbContext>(db => db.AddInterceptors(commits, commits.Saves)));

    public Task DisposeAsync() => aggregator.DisposeAsync().AsTask();

    [Fact]
    public async Task Changes_that_wait_for_the_same_turn_are_committed_together_and_none_ends_before()
    {
        var changes = await Together(Adds("a"), Adds("b"), Adds("c"));
        await Task.WhenAll(changes);

        Assert.Equal(["a", "b", "c"], await Stored());
        Assert.Equal([3], commits.Added);
        Assert.False(commits.EndedTooEarly);
    }

    [Fact]
    public async Task A_change_that_nobody_waits_with_has_a_transaction_of_its_own()
    {
        await Run(Adds("a"));
        await Run(Adds("b"));

        Assert.Equal(["a", "b"], await Stored());
        Assert.Equal([1, 1], commits.Added);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task One_that_fails_takes_nobody_along(int failing)
    {
        var wanted = new[] { Adds("a"), Adds("b"), Adds("c") };
        wanted[failing] = Fails("x", new InvalidOperationException("It is wrong."));
        var changes = await Together(wanted);

        for (var i = 0; i < changes.Length; i++)
        {
            if (i == failing)
                Assert.Equal("It is wrong.", (await Assert.ThrowsAsync<InvalidOperationException>(() => changes[i])).Message);
            else
                await changes[i];
        }

        string[] expected = ["a", "b", "c"];
        Assert.Equal(expected.Where((_, i) => i != failing), await Stored());
        Assert.Equal([1, 1], commits.Added);
    }

    [Fact]
    public async Task When_the_storage_fails_everybody_hears_of_it_and_may_try_again()
    {
        var changes = await Together(Adds("a"), Fails("x", new IOException("The disk is gone.")), Adds("c"));
        foreach (var change in changes)
            Assert.Equal("The disk is gone.", (await Assert.ThrowsAsync<IOException>(() => change)).Message);
        Assert.Empty(await Stored());

        await Task.WhenAll(await Together(Adds("a"), Adds("c")));
        Assert.Equal(["a", "c"], await Stored());
    }

    [Fact]
    public async Task An_answer_whose_effect_cannot_be_stored_does_not_hold_up_those_that_came_with_it()
    {
        var models = Path.Combine(aggregator.Folder, "models");
        Directory.CreateDirectory(models);

        // The file that the model is written to before it gets its name: a disk without room.
        var full = File.CreateSymbolicLink(Path.Combine(models, "run.onnx.part"), "/dev/full");
        var tries = new Tries();
        await using var other = await AggregatorHost.Start(
            settings: [("FedQueue:Storage:Models", models)],
            register: services => services.AddScoped<ISagaRepositoryContextFactory<RoundState>>(
                provider => new CountedRepository(ActivatorUtilities.CreateInstance<RoundRepository>(provider), tries)));
        await other.StartRun(Plan(rounds: 1));
        await other.Join("a", "b", "c");
        var first = await other.UntilOpen(1);
        foreach (var name in first.Participants)
            await other.Bus.Publish(Weights(first, name, 1));
        var last = await other.UntilOpen(2);

        // The third answer ends the run, whose model cannot be written.
        var turns = other.Services.GetRequiredService<SharedFlush>().Writing;
        await turns.WaitAsync();
        (tries.Begun, tries.Ended) = (0, 0);
        foreach (var name in last.Participants)
            await other.Bus.Publish(Evaluation(last, name, 1));
        foreach (var count in new[] { 3, 6 })
        {
            await AggregatorHost.Until(() => Task.FromResult(tries.Begun >= count ? "all" : null), "all three want a turn");
            await AggregatorHost.Until(
                async () =>
                {
                    turns.Release();
                    await turns.WaitAsync();
                    return tries.Ended >= count ? "all" : null;
                },
                "all three had their turn");
        }

        turns.Release();
        Assert.Equal(2, (await other.UntilOpen(2)).Submitted.Count);
        full.Delete();
        await other.UntilEnded();
    }

    private static Func<IServiceScope, Task> Adds(string participant) => scope =>
    {
        scope.ServiceProvider.GetRequiredService<FedQueueDbContext>().Participants.Add(new ParticipantRow { Name = participant });
        return Task.CompletedTask;
    };

    /// <summary>After it has changed something.</summary>
    private static Func<IServiceScope, Task> Fails(string participant, Exception exception) => async scope =>
    {
        await Adds(participant)(scope);
        throw exception;
    };

    private Task<List<string>> Stored() => aggregator.Read(db => db.Participants.OrderBy(p => p.Name).Select(p => p.Name).ToListAsync());

    private async Task Run(Func<IServiceScope, Task> change)
    {
        await using var scope = aggregator.Services.CreateAsyncScope();
        await aggregator.Services.GetRequiredService<SharedTransaction>().Run(scope, change, CancellationToken.None);
    }

    /// <summary>All of them while another transaction is under way.</summary>
    private async Task<Task[]> Together(params Func<IServiceScope, Task>[] changes)
    {
        var turns = aggregator.Services.GetRequiredService<SharedFlush>().Writing;
        await turns.WaitAsync();
        var before = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(new AtOnce());
        commits.Expected = [.. changes.Select(Run)];
        SynchronizationContext.SetSynchronizationContext(before);
        Assert.All(commits.Expected, change => Assert.False(change.IsCompleted));
        turns.Release();
        return commits.Expected;
    }

    /// <summary>Goes on with what has waited before it returns to whoever ended the wait, so that a change is seen to have ended as soon as it is told to.</summary>
    private sealed class AtOnce : SynchronizationContext
    {
        public override void Post(SendOrPostCallback d, object? state) => d(state);
    }

    private sealed class Tries
    {
        public int Begun;
        public int Ended;
    }

    /// <summary>Counts the tries of messages.</summary>
    private sealed class CountedRepository(RoundRepository repository, Tries tries) : ISagaRepositoryContextFactory<RoundState>
    {
        public async Task Send<T>(ConsumeContext<T> context, IPipe<SagaRepositoryContext<RoundState, T>> next) where T : class
        {
            var handled = repository.Send(context, next);
            Interlocked.Increment(ref tries.Begun);
            try
            {
                await handled;
            }
            finally
            {
                Interlocked.Increment(ref tries.Ended);
            }
        }

        public Task SendQuery<T>(ConsumeContext<T> context, ISagaQuery<RoundState> query, IPipe<SagaRepositoryQueryContext<RoundState, T>> next)
            where T : class => repository.SendQuery(context, query, next);

        public void Probe(ProbeContext context) => repository.Probe(context);
    }

    /// <summary>Numbers of participants that were added by one transaction.</summary>
    private sealed class Commits : DbTransactionInterceptor
    {
        private readonly ConcurrentQueue<int> added = new();
        private int unsaved;

        public Commits() => Saves = new SavedRows(this);

        public SaveChangesInterceptor Saves { get; }

        public IReadOnlyCollection<int> Added => added;

        /// <summary>Changes that may end after the commit only.</summary>
        public Task[] Expected { get; set; } = [];

        public bool EndedTooEarly { get; private set; }

        public override ValueTask<InterceptionResult> TransactionCommittingAsync(
            DbTransaction transaction, TransactionEventData eventData, InterceptionResult result, CancellationToken cancellationToken = default)
        {
            if (unsaved > 0)
            {
                added.Enqueue(unsaved);
                unsaved = 0;
                EndedTooEarly |= Expected.Any(change => change.IsCompleted);
            }

            return ValueTask.FromResult(result);
        }

        private sealed class SavedRows(Commits commits) : SaveChangesInterceptor
        {
            public override ValueTask<InterceptionResult<int>> SavingChangesAsync(
                DbContextEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default)
            {
                commits.unsaved = eventData.Context!.ChangeTracker.Entries<ParticipantRow>().Count(entry => entry.State == EntityState.Added);
                return ValueTask.FromResult(result);
            }
        }
    }
}
