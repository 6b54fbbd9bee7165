using FedQueue.Aggregator.Storage;
using FedQueue.Contracts;
using MassTransit;

namespace FedQueue.Aggregator.Participants;

/// <summary>Frees a participant whose worker stops in order.</summary>
internal sealed class ReleaseParticipantConsumer(FedQueueDbContext db, ILogger<ReleaseParticipantConsumer> log)
    : IConsumer<ReleaseParticipant>
{
    public Task Consume(ConsumeContext<ReleaseParticipant> context) => db.Transact(async () =>
    {
        var message = context.Message;
        var participant = await db.Queries.Participant(db, message.Participant, context.CancellationToken);
        if (participant is null || participant.WorkerId != message.WorkerId)
            return;

        participant.WorkerId = null;
        participant.GivenBackBy = message.WorkerId;
        participant.Listening = false;
        log.ParticipantReleased(participant.Name, WorkerName.Shown(message.WorkerId));
    }, context.CancellationToken);
}

internal sealed class ReleaseParticipantConsumerDefinition : ConsumerDefinition<ReleaseParticipantConsumer>
{
    public ReleaseParticipantConsumerDefinition() => EndpointName = ParticipantsEndpoint.Name;
}
