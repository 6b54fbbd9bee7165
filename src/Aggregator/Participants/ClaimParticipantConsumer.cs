using FedQueue.Aggregator.Runs;
using FedQueue.Aggregator.Storage;
using FedQueue.Contracts;
using MassTransit;
using Microsoft.EntityFrameworkCore;

namespace FedQueue.Aggregator.Participants;

/// <summary>Leases the first free participant among the candidates, in ordinal order.</summary>
internal sealed class ClaimParticipantConsumer(
    FedQueueDbContext db, Spares spares, PlanOffers offers, Refusals refusals, ILogger<ClaimParticipantConsumer> log) : IConsumer<ClaimParticipant>
{
    public async Task Consume(ConsumeContext<ClaimParticipant> context)
    {
        var request = context.Message;
        if (Protocol.ProblemOf(request.ProtocolVersion, WorkerName.Shown(request.WorkerId)) is { } problem)
        {
            log.WorkerRefused(problem);
            await context.Reply(new ParticipantUnavailable { Reason = problem }, refusals);
            return;
        }

        db.Leases.Heard();
        ParticipantRow? claimed = null;
        Guid? answered = null;
        IReadOnlyList<PlanOffered> plans = [];
        var unavailable = "";
        await StorageRetry.Try(context, db, () => db.Transact(async () =>
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

            claimed = await db.Queries.Participant(db, name, context.CancellationToken);
            if (claimed is null && await db.Participants.CountAsync(context.CancellationToken) >= MessageCheck.MostParticipants)
            {
                unavailable = $"this aggregator knows {MessageCheck.MostParticipants:N0} participants already, which is as many as it can";
                return;
            }

            claimed ??= db.Participants.Add(new ParticipantRow { Name = name }).Entity;
            claimed.WorkerId = request.WorkerId;
            claimed.Listening = false;
            claimed.ChecksJson = null;
            claimed.LastHeard = db.Now;
            claimed.LeaseUntil = db.Now + db.Leases.Length;

            plans = await offers.Keep(claimed, [], context.CancellationToken);
            answered = await db.Queries.AnsweredRound(db, name, context.CancellationToken);
        }, context.CancellationToken));

        spares.Answered(request.WorkerId, claimed is null ? unavailable : null);
        if (claimed is null)
        {
            await context.Reply(new ParticipantUnavailable { Reason = unavailable }, refusals);
            return;
        }

        log.ParticipantClaimed(claimed.Name, WorkerName.Shown(request.WorkerId));
        await context.Reply(
            new ParticipantClaimed { Participant = claimed.Name, Lease = db.Leases.Length, AnsweredRoundId = answered, Plans = plans }, refusals);
    }

    private static string Describe(List<string> names, IEnumerable<ParticipantRow> known) => names.Count == 0
        ? "the worker named no participant with a valid name"
        : $"every participant it can read is held: {NameList.Of(known.Select(p => p.Name).Order(StringComparer.Ordinal))}";
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
