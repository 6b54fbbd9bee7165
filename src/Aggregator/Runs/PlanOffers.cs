using FedQueue.Aggregator.Storage;
using FedQueue.Contracts;

namespace FedQueue.Aggregator.Runs;

/// <summary>Asks the workers whether their data have what the runs need, before these begin; and knows who has said what.</summary>
internal sealed class PlanOffers(FedQueueDbContext db)
{
    /// <summary>Within a transaction: keeps what a participant's worker tells.</summary>
    /// <returns>What it is still to look at.</returns>
    public async Task<IReadOnlyList<PlanOffered>> Keep(ParticipantRow participant, IReadOnlyList<PlanChecked> told, CancellationToken cancellationToken)
    {
        var open = await db.Queries.OpenRuns(db).ToListAsync(cancellationToken);
        if (told.Count > 0)
            participant.Keep(told.Where(check => IsOfPlan(check, open)).Select(check => check with { Problem = check.Problem is null ? null : MessageCheck.Reason(check.Problem) }),
                open.Select(run => run.Id).ToHashSet());
        return [.. open.Select(run => run.Offer()).Where(plan => participant.CheckOf(plan.RunId, plan.Key()) is null).Take(ParticipantClaimed.MostPlans)];
    }

    /// <summary>Spans are of columns that the plan has; those of others nobody has asked for.</summary>
    private static bool IsOfPlan(PlanChecked check, List<RunRow> open) => open.Find(run => run.Id == check.RunId)?.Offer() is { } plan && plan.Key() == check.Key
        && check.Spans?.All(span => span.Column == plan.Columns.Target || plan.Columns.Features.Contains(span.Column)) != false;

    /// <returns>Who may start a run, in ordinal order: who is present, and has said that its data will do and, where the scaling needs it, their spans.</returns>
    public static IReadOnlyList<ParticipantRow> Ready(RunRow run, IEnumerable<ParticipantRow> participants, FedQueueDbContext db)
    {
        var plan = run.Offer();
        var key = plan.Key();
        return
        [
            .. participants.Where(p => db.Leases.IsPresent(p) && p.CheckOf(run.Id, key) is { Problem: null } check && (!plan.NeedsSpans || check.Spans is not null))
                .OrderBy(p => p.Name, StringComparer.Ordinal),
        ];
    }

    /// <returns>Participants whose data will not do for the run, with the reason, in ordinal order.</returns>
    public static IReadOnlyList<(string Name, string Problem)> Unfit(RunRow run, IEnumerable<ParticipantRow> participants)
    {
        var key = run.Offer().Key();
        return
        [
            .. participants.Select(p => (p.Name, p.CheckOf(run.Id, key)?.Problem)).Where(p => p.Problem is not null)
                .OrderBy(p => p.Name, StringComparer.Ordinal).Select(p => (p.Name, p.Problem!)),
        ];
    }
}
