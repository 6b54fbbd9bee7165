using FedQueue.Aggregator.Rounds;
using FedQueue.Aggregator.Runs;
using FedQueue.Aggregator.Storage;
using FedQueue.Contracts;
using MassTransit;
using Microsoft.EntityFrameworkCore;

namespace FedQueue.Aggregator.Participants;

/// <summary>Prolongs a lease. The first renewal, or the first after a lapse, says that the worker listens: it is told the open round, and a waiting run may start.</summary>
internal sealed class RenewClaimConsumer(FedQueueDbContext db, RunStart runStart, PlanOffers checks, Refusals refusals)
    : IConsumer<RenewClaim>
{
    public async Task Consume(ConsumeContext<RenewClaim> context)
    {
        var request = context.Message;
        ParticipantRow? participant = null;
        IReadOnlyList<PlanOffered> plans = [];
        var standing = RoundStanding.Open;

        db.Leases.Heard();
        await db.Transact(async () =>
        {
            participant = await db.Queries.Participant(db, request.Participant, context.CancellationToken);
            if (participant is null || participant.WorkerId != request.WorkerId)
                return;

            // Whose lease had lapsed was not counted meanwhile, so it comes anew although nobody took its place.
            var wasPresent = participant.Listening && participant.LeaseUntil > db.Now;
            participant.LastHeard = db.Now;
            participant.LeaseUntil = db.Now + db.Leases.Length;
            participant.Listening = true;
            plans = await checks.Keep(participant, request.Checked ?? [], context.CancellationToken);
            standing = await StandingOf(request, context.CancellationToken);
            await TellOpenRound(request, wasPresent ? db.Now - db.Leases.Length / 3 : DateTimeOffset.MaxValue, context.CancellationToken);

            // Some run may have waited for it, or for what it tells.
            if (!wasPresent || request.Checked is { Count: > 0 })
                await runStart.TryStartNext(context.CancellationToken);
        }, context.CancellationToken);

        if (participant?.WorkerId == request.WorkerId)
        {
            await context.Reply(
                new ParticipantClaimed { Participant = request.Participant, Lease = db.Leases.Length, Plans = plans, NewestRound = standing }, refusals);
            return;
        }

        // Whose id a program knows, for it could answer; so nobody is told that of another.
        var reason = participant?.WorkerId is not null
            ? $"the lease on {request.Participant} had lapsed and another worker holds it now"
            : $"{request.Participant} is not held by this worker";
        await context.Reply(new ParticipantUnavailable { Reason = reason }, refusals);
    }

    private async Task<RoundStanding> StandingOf(RenewClaim request, CancellationToken cancellationToken)
    {
        if (request.NewestRoundId is not { } id)
            return RoundStanding.Open;
        var round = await db.Rounds.AsNoTracking().Where(r => r.CorrelationId == id)
            .Select(r => new { r.ClosedAt, IsAnswered = db.Submissions.Any(s => s.RoundId == id && s.Participant == request.Participant) })
            .SingleOrDefaultAsync(cancellationToken);
        return round is null ? RoundStanding.Unknown : round.ClosedAt is null && !round.IsAnswered ? RoundStanding.Open : RoundStanding.Closed;
    }

    /// <summary>
    /// A round that its worker was not told: it came after the opening, or another worker that did not know yet that it had lost
    /// the participant took the message off the queue that both were reading.
    /// </summary>
    private async Task TellOpenRound(RenewClaim request, DateTimeOffset openedBefore, CancellationToken cancellationToken)
    {
        var untold = await db.Queries.OpenRounds(db, request.NewestRoundId).ToListAsync(cancellationToken);

        // Also when its last holder could not train: this one may.
        foreach (var round in untold.Where(r => r.Missing.Contains(request.Participant) && r.OpenedAt <= openedBefore))
        {
            var run = await db.RunOf(round.RunId, cancellationToken);
            var sha256 = await RoundMessage.WeightsSha256Of(db, run.Id, round.Round, cancellationToken);
            db.Publish(RoundMessage.For(round, run.Plan(), sha256), ParticipantName.QueueOf(request.Participant));
        }
    }
}

internal sealed class RenewClaimConsumerDefinition : ConsumerDefinition<RenewClaimConsumer>
{
    public RenewClaimConsumerDefinition() => EndpointName = ParticipantsEndpoint.Name;
}
