using FedQueue.Aggregator.Storage;
using FedQueue.Contracts;
using MassTransit;

namespace FedQueue.Aggregator.Rounds;

/// <summary>Keeps the errors of a participant's own model beside its evaluation of the federated one.</summary>
internal sealed class LocalModelConsumer(FedQueueDbContext db, Quarantine quarantine, Refusals refusals) : IConsumer<LocalModelEvaluated>
{
    public Task Consume(ConsumeContext<LocalModelEvaluated> context) => StorageRetry.Try(context, db, () => db.Transact(async () =>
    {
        var message = context.Message;
        if (await db.Queries.Run(db, message.RunId, context.CancellationToken) is not { } run)
        {
            refusals.UnknownRound(message.RunId, message.Round, message.Participant);
            return;
        }

        var holder = await db.Queries.Holder(db, message.Participant, context.CancellationToken);
        if (SubmissionCheck.ProblemOf(message, run, holder) is { } problem)
        {
            await quarantine.Keep(QuarantineEntry.For(message, problem, db.Now), context.CancellationToken);
            return;
        }

        var baseline = await BaselineRow.Of(db, run.Id, message.Participant, context.CancellationToken);
        if (baseline.Local is not null)
        {
            db.Note(run.Id, message.Round, EventKind.Duplicate, message.Participant, $"A second copy of the errors of its own model had no effect, by {WorkerName.Shown(message.WorkerId)}.");
            return;
        }

        (baseline.HeldOutWindows, baseline.Local) = (message.Error.WindowCount, message.Error);
        db.Note(run.Id, message.Round, EventKind.LocalModel, message.Participant,
            $"MSE {message.Error.MeanSquaredError} on {message.Error.WindowCount} windows, by {WorkerName.Shown(message.WorkerId)}.");
    }, context.CancellationToken));
}

internal sealed class LocalModelConsumerDefinition : ConsumerDefinition<LocalModelConsumer>
{
    public LocalModelConsumerDefinition() => EndpointName = "fedqueue-own-models";

    protected override void ConfigureConsumer(
        IReceiveEndpointConfigurator endpoint, IConsumerConfigurator<LocalModelConsumer> consumer, IRegistrationContext context) => endpoint.RetryWhileStorageIsAway();
}
