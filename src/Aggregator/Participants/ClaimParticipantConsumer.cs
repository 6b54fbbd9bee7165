using FedQueue.Aggregator.Storage;
using FedQueue.Contracts;
using MassTransit;
using Microsoft.EntityFrameworkCore;

namespace FedQueue.Aggregator.Participants;

/// <summary>Leases the first free participant among the candidates, in ordinal order.</summary>
internal sealed class ClaimParticipantConsumer(
    FedQueueDbContext db, Spares spares, ILogger<ClaimParticipantConsumer> log) : IConsumer<ClaimParticipant>
{
    public async Task Consume(ConsumeContext<ClaimParticipant> context)
    {
        var request = context.Message;
        if (Protocol.ProblemOf(request.ProtocolVersion, request.WorkerId) is { } problem)
        {
            log.WorkerRefused(problem);
            await context.Reply(new ParticipantUnavailable { Reason = problem }, request.WorkerId, log);
            return;
        }

        ParticipantRow? claimed = null;
        Guid? answered = null;
        var unavailable = "";
        await db.Transact(async () =>
        {
            var known = await db.Queries.Candidates(db, request.Candidates).ToDictionaryAsync(p => p.Name, cancellationToken: context.CancellationToken);
            var names = request.Candidates.Where(ParticipantName.IsValid).Distinct().Order(StringComparer.Ordinal).ToList();

            // A repeated request gets what the first one got, or the worker would hold two.
            var name = known.Values.FirstOrDefault(p => p.WorkerId == request.WorkerId)?.Name
                ?? names.Find(candidate => !known.TryGetValue(candidate, out var row) || !db.Leases.IsHeld(row));
            if (name is null)
            {
                unavailable = Describe(names, known.Values);
                return;
            }

            claimed = await db.Queries.Participant(db, name, context.CancellationToken) ?? db.Participants.Add(new ParticipantRow { Name = name }).Entity;
            claimed.WorkerId = request.WorkerId;
            claimed.Listening = false;
            claimed.SpansJson = null;
            claimed.LastHeard = db.Now;
            claimed.LeaseUntil = db.Now + db.Leases.Length;

            answered = await db.Queries.AnsweredRound(db, name, context.CancellationToken);
        }, context.CancellationToken);

        spares.Answered(request.WorkerId, claimed is null ? unavailable : null);
        if (claimed is null)
        {
            await context.Reply(new ParticipantUnavailable { Reason = unavailable }, request.WorkerId, log);
            return;
        }

        log.ParticipantClaimed(claimed.Name, request.WorkerId);
        await context.Reply(
            new ParticipantClaimed { Participant = claimed.Name, Lease = db.Leases.Length, AnsweredRoundId = answered }, request.WorkerId, log);
    }

    private static string Describe(List<string> names, IEnumerable<ParticipantRow> known) => names.Count == 0
        ? "the worker named no participant with a valid name"
        : $"every participant it can read is held: {NameList.Of(known.Select(p => $"{p.Name} by {p.WorkerId}").Order(StringComparer.Ordinal))}";
}

internal sealed class ClaimParticipantConsumerDefinition : ConsumerDefinition<ClaimParticipantConsumer>
{
    public ClaimParticipantConsumerDefinition()
    {
        EndpointName = ParticipantsEndpoint.Name;
        ConcurrentMessageLimit = 1;
    }

    protected override void ConfigureConsumer(
        IReceiveEndpointConfigurator endpoint, IConsumerConfigurator<ClaimParticipantConsumer> consumer, IRegistrationContext context) =>
        endpoint.RetryWhileStorageIsAway();
}
