using MassTransit;
using MassTransit.Configuration;
using MassTransit.Context;
using MassTransit.Middleware;
using MassTransit.Saga;
using Microsoft.EntityFrameworkCore;

namespace FedQueue.Aggregator.Storage;

/// <summary>
/// Sagas in FedQueue's database, through MassTransit's extension points: a message is handled inside one transaction, in which
/// the steps of the state machine also store submissions and outgoing messages. All is written at its end, at once.
/// </summary>
internal sealed class SagaRepository<TSaga>(FedQueueDbContext db, ISagaConsumeContextFactory<FedQueueDbContext, TSaga> contexts)
    : ISagaRepositoryContextFactory<TSaga>, ILoadSagaRepositoryContextFactory<TSaga>
    where TSaga : class, SagaStateMachineInstance
{
    public Task Send<T>(ConsumeContext<T> context, IPipe<SagaRepositoryContext<TSaga, T>> next) where T : class =>
        db.Transact(() => next.Send(new MessageScope<T>(db, context, contexts)), context.CancellationToken);

    public Task SendQuery<T>(ConsumeContext<T> context, ISagaQuery<TSaga> query, IPipe<SagaRepositoryQueryContext<TSaga, T>> next)
        where T : class =>
        throw new NotSupportedException("FedQueue's sagas are found by correlation id only.");

    public Task<T> Execute<T>(Func<LoadSagaRepositoryContext<TSaga>, Task<T>> method, CancellationToken cancellationToken)
        where T : class => method(new LoadScope(db, cancellationToken));

    public void Probe(ProbeContext context) => context.Add("persistence", "fedqueue");

    private sealed class MessageScope<T>(
        FedQueueDbContext db, ConsumeContext<T> message, ISagaConsumeContextFactory<FedQueueDbContext, TSaga> contexts)
        : ConsumeContextScope<T>(message, db), SagaRepositoryContext<TSaga, T>
        where T : class
    {
        private readonly ConsumeContext<T> message = message;

        public Task<SagaConsumeContext<TSaga, T>> Add(TSaga instance) => Scope(instance, SagaConsumeContextMode.Add);

        public Task<SagaConsumeContext<TSaga, T>> Insert(TSaga instance)
        {
            db.Add(instance);
            return Scope(instance, SagaConsumeContextMode.Insert);
        }

        public async Task<SagaConsumeContext<TSaga, T>> Load(Guid correlationId)
        {
            var instance = await db.Set<TSaga>().SingleOrDefaultAsync(saga => saga.CorrelationId == correlationId, CancellationToken);

            // MassTransit's signature is older than nullable references: null means that there is no such saga.
            return instance is null ? null! : await Scope(instance, SagaConsumeContextMode.Load);
        }

        public Task Save(SagaConsumeContext<TSaga> context)
        {
            db.Add(context.Saga);
            return Task.CompletedTask;
        }

        public Task Update(SagaConsumeContext<TSaga> context) => Task.CompletedTask;

        public Task Delete(SagaConsumeContext<TSaga> context)
        {
            db.Remove(context.Saga);
            return Task.CompletedTask;
        }

        public Task Discard(SagaConsumeContext<TSaga> context) => Task.CompletedTask;

        public Task Undo(SagaConsumeContext<TSaga> context)
        {
            db.Entry(context.Saga).State = EntityState.Unchanged;
            return Task.CompletedTask;
        }

        public Task<SagaConsumeContext<TSaga, TOther>> CreateSagaConsumeContext<TOther>(
            ConsumeContext<TOther> consumeContext, TSaga instance, SagaConsumeContextMode mode) where TOther : class =>
            contexts.CreateSagaConsumeContext(db, consumeContext, instance, mode);

        private Task<SagaConsumeContext<TSaga, T>> Scope(TSaga instance, SagaConsumeContextMode mode) =>
            contexts.CreateSagaConsumeContext(db, message, instance, mode);
    }

    private sealed class LoadScope(FedQueueDbContext db, CancellationToken cancellationToken)
        : BasePipeContext(cancellationToken), LoadSagaRepositoryContext<TSaga>
    {
        public async Task<TSaga> Load(Guid correlationId) =>
            (await db.Set<TSaga>().AsNoTracking().SingleOrDefaultAsync(saga => saga.CorrelationId == correlationId, CancellationToken))!;
    }
}

internal static class SagaRepositoryRegistration
{
    /// <summary>Keeps the saga in the <see cref="FedQueueDbContext"/> of the message's scope.</summary>
    public static void InFedQueueDatabase<TSaga>(this ISagaRegistrationConfigurator<TSaga> saga)
        where TSaga : class, SagaStateMachineInstance =>
        saga.Repository(repository =>
        {
            repository.RegisterSagaRepository<
                TSaga, FedQueueDbContext, SagaConsumeContextFactory<FedQueueDbContext, TSaga>, SagaRepository<TSaga>>();
            repository.RegisterLoadSagaRepository<TSaga, SagaRepository<TSaga>>();
        });
}
