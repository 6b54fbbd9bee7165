using FedQueue.Aggregator.Rounds;
using MassTransit;
using MassTransit.Configuration;
using MassTransit.Context;
using MassTransit.Middleware;
using MassTransit.Saga;
using Microsoft.EntityFrameworkCore;

namespace FedQueue.Aggregator.Storage;

/// <summary>
/// The rounds' sagas in FedQueue's database, through MassTransit's extension points: a message is handled inside one transaction, in which
/// the steps of the state machine also store submissions and outgoing messages. All is written at its end, at once. Messages that came meanwhile share the next.
/// </summary>
internal sealed class RoundRepository(
    FedQueueDbContext db, SharedTransaction transaction, ISagaConsumeContextFactory<FedQueueDbContext, RoundState> contexts)
    : ISagaRepositoryContextFactory<RoundState>, ILoadSagaRepositoryContextFactory<RoundState>
{
    public Task Send<T>(ConsumeContext<T> context, IPipe<SagaRepositoryContext<RoundState, T>> next) where T : class
    {
        var own = context.GetPayload<IServiceScope>();

        // The storage failed for this message or for one of those with which it shared; the others must not wait for the one that it fails for.
        return StorageRetry.Try(context, db, () => context.GetRetryAttempt() > 0
            ? db.Transact(() => Handle(own), context.CancellationToken)
            : transaction.Run(own, Handle, context.CancellationToken));

        Task Handle(IServiceScope scope) => next.Send(new MessageScope<T>(context, scope, contexts));
    }

    public Task SendQuery<T>(ConsumeContext<T> context, ISagaQuery<RoundState> query, IPipe<SagaRepositoryQueryContext<RoundState, T>> next)
        where T : class =>
        throw new NotSupportedException("Rounds are found by correlation id only.");

    public Task<T> Execute<T>(Func<LoadSagaRepositoryContext<RoundState>, Task<T>> method, CancellationToken cancellationToken)
        where T : class => method(new LoadScope(db, cancellationToken));

    public void Probe(ProbeContext context) => context.Add("persistence", "fedqueue");

    /// <summary>A message with the services of the transaction, which may be those of another message.</summary>
    private sealed class MessageScope<T>(
        ConsumeContext<T> message, IServiceScope services, ISagaConsumeContextFactory<FedQueueDbContext, RoundState> contexts)
        : ConsumeContextScope<T>(message, services, services.ServiceProvider), SagaRepositoryContext<RoundState, T>
        where T : class
    {
        private readonly FedQueueDbContext db = services.ServiceProvider.GetRequiredService<FedQueueDbContext>();

        public Task<SagaConsumeContext<RoundState, T>> Add(RoundState instance) => Scope(instance, SagaConsumeContextMode.Add);

        public Task<SagaConsumeContext<RoundState, T>> Insert(RoundState instance)
        {
            db.AddRound(instance);
            return Scope(instance, SagaConsumeContextMode.Insert);
        }

        public async Task<SagaConsumeContext<RoundState, T>> Load(Guid correlationId)
        {
            var instance = await db.RoundOf(correlationId, CancellationToken);

            // MassTransit's signature is older than nullable references: null means that there is no such saga.
            return instance is null ? null! : await Scope(instance, SagaConsumeContextMode.Load);
        }

        public Task Save(SagaConsumeContext<RoundState> context)
        {
            db.AddRound(context.Saga);
            return Task.CompletedTask;
        }

        public Task Update(SagaConsumeContext<RoundState> context) => Task.CompletedTask;

        public Task Delete(SagaConsumeContext<RoundState> context)
        {
            db.Remove(context.Saga);
            return Task.CompletedTask;
        }

        public Task Discard(SagaConsumeContext<RoundState> context) => Task.CompletedTask;

        public Task Undo(SagaConsumeContext<RoundState> context)
        {
            db.Entry(context.Saga).State = EntityState.Unchanged;
            return Task.CompletedTask;
        }

        public Task<SagaConsumeContext<RoundState, TOther>> CreateSagaConsumeContext<TOther>(
            ConsumeContext<TOther> consumeContext, RoundState instance, SagaConsumeContextMode mode) where TOther : class =>
            contexts.CreateSagaConsumeContext(db, consumeContext, instance, mode);

        private Task<SagaConsumeContext<RoundState, T>> Scope(RoundState instance, SagaConsumeContextMode mode) =>
            contexts.CreateSagaConsumeContext(db, this, instance, mode);
    }

    private sealed class LoadScope(FedQueueDbContext db, CancellationToken cancellationToken)
        : BasePipeContext(cancellationToken), LoadSagaRepositoryContext<RoundState>
    {
        public async Task<RoundState> Load(Guid correlationId) =>
            (await db.Rounds.AsNoTracking().SingleOrDefaultAsync(saga => saga.CorrelationId == correlationId, CancellationToken))!;
    }
}

internal static class RoundRepositoryRegistration
{
    /// <summary>Keeps the saga in the <see cref="FedQueueDbContext"/> of the message's scope.</summary>
    public static void InFedQueueDatabase(this ISagaRegistrationConfigurator<RoundState> saga) =>
        saga.Repository(repository =>
        {
            repository.RegisterSagaRepository<
                RoundState, FedQueueDbContext, SagaConsumeContextFactory<FedQueueDbContext, RoundState>, RoundRepository>();
            repository.RegisterLoadSagaRepository<RoundState, RoundRepository>();
        });
}
