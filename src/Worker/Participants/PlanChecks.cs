using FedQueue.Contracts;

namespace FedQueue.Worker.Participants;

/// <summary>
/// Looks at plans before their runs begin, in the background because a large file takes longer than a lease lasts, and remembers what the aggregator is to be told. A file
/// that did not do is looked at again when it has changed.
/// </summary>
internal sealed class PlanChecks(string participant, ParticipantData data, Action news, ILogger log)
{
    private const int MostRemembered = 100;

    private readonly Lock gate = new();
    private readonly Dictionary<string, (PlanOffered Plan, PlanChecked? Check, FileStamp Stamp)> plans = [];
    private List<PlanChecked> untold = [];
    private Task looking = Task.CompletedTask;

    /// <summary>Ends when all that was offered has been looked at.</summary>
    public Task Looking
    {
        get
        {
            lock (gate)
                return looking;
        }
    }

    /// <summary>What the aggregator has not been told yet.</summary>
    public IReadOnlyList<PlanChecked> Untold
    {
        get
        {
            lock (gate)
                return [.. untold.Take(ParticipantClaimed.MostPlans)];
        }
    }

    /// <summary>It has been told.</summary>
    public void Told(IReadOnlyList<PlanChecked> told)
    {
        lock (gate)
            untold = [.. untold.Except(told)];
    }

    /// <summary>Plans that the aggregator wants to hear of. One that it offers again has not reached it, or it has forgotten.</summary>
    public void Offer(IReadOnlyList<PlanOffered> offered)
    {
        lock (gate)
        {
            foreach (var plan in offered)
                if (!plans.TryGetValue(plan.Key(), out var known))
                    Look(plan);
                else if (known.Check is { } check && !untold.Contains(check))
                    untold.Add(check);
        }
    }

    /// <summary>Looks again at what did not do, where the file is another now.</summary>
    public void LookAgain()
    {
        lock (gate)
        {
            var failed = plans.Values.Where(known => known.Check?.Problem is not null).ToList();
            if (failed.Count == 0)
                return;
            var now = data.Stamp();
            foreach (var (plan, _, _) in failed.Where(known => known.Stamp != now))
                Look(plan);
        }
    }

    private void Look(PlanOffered plan)
    {
        if (plans.Count >= MostRemembered)
            plans.Clear();
        plans[plan.Key()] = (plan, null, default);
        looking = looking.ContinueWith(_ => Check(plan), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
    }

    private void Check(PlanOffered plan)
    {
        var stamp = data.Stamp();
        var check = data.Check(plan);
        lock (gate)
        {
            plans[plan.Key()] = (plan, check, stamp);
            untold.RemoveAll(other => other.RunId == plan.RunId);
            untold.Add(check);
        }

        if (check.Problem is not null)
            log.CannotTakePart(participant, plan.RunId, check.Problem);
        news();
    }
}
