using FedQueue.Contracts;
using FedQueue.Worker.Participants;

namespace FedQueue.Reliability.Simulation;

/// <summary>
/// A worker's part of the protocol, as <see cref="ParticipantSession"/> plays it, on the simulation's agenda instead of threads;
/// which rounds it takes and leaves is decided by the real <see cref="RoundInbox"/>.
/// </summary>
internal sealed class SimulatedWorker(World world, int number)
{
    private static readonly TimeSpan ClaimedWithin = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan RenewedWithin = TimeSpan.FromSeconds(10);

    /// <summary>Longer than a real worker's: most of what a spare is told is that nothing is free.</summary>
    private static readonly TimeSpan SpareInterval = TimeSpan.FromSeconds(30);

    private int starts;

    /// <summary>Changes whenever what was begun must not go on: at a crash and when the lease is lost.</summary>
    private int epoch;

    private int requests;
    private RoundInbox? inbox;
    private bool busy;

    public bool Alive { get; private set; }

    public string Id => $"worker{number}-{starts}";

    public string? Participant { get; private set; }

    /// <summary>When the aggregator gave it what it holds.</summary>
    public TimeSpan ClaimedAt { get; private set; }

    public void Start()
    {
        starts++;
        Alive = true;
        Claim();
    }

    public void Crash()
    {
        Leave();
        Alive = false;
    }

    /// <summary>Stops in order: gives back what it holds.</summary>
    public void Stop()
    {
        if (Participant is { } participant)
            world.Send(new ReleaseParticipant { WorkerId = Id, Participant = participant }, () => true);
        Crash();
    }

    public void Deliver(RoundStarted round)
    {
        inbox!.Put(round);
        Work();
    }

    private void Leave()
    {
        epoch++;
        requests++;
        world.Disconnect(this);
        inbox?.Dispose();
        (inbox, busy, Participant) = (null, false, null);
    }

    private void Claim() => Request(
        new ClaimParticipant { WorkerId = Id, Candidates = world.Scenario.Participants, ProtocolVersion = Protocol.Version }, ClaimedWithin, Claim,
        answer =>
        {
            if (answer is ParticipantClaimed claimed)
                Hold(claimed);
            else
                Later(SpareInterval, Claim);
        });

    private void Hold(ParticipantClaimed claimed)
    {
        Participant = claimed.Participant;
        ClaimedAt = world.DecidedAt;
        inbox = new RoundInbox(claimed.AnsweredRoundId);
        world.Connect(this);
        Renew(claimed.Plans ?? []);
    }

    /// <param name="plans">At which it has looked; its data will do.</param>
    private void Renew(IReadOnlyList<PlanOffered> plans)
    {
        var interval = SimulatedAggregator.Lease / 3;
        var newest = inbox!.NewestRoundId;
        var renewal = new RenewClaim
        {
            WorkerId = Id,
            Participant = Participant!,
            NewestRoundId = newest,
            Checked = [.. plans.Select(plan => new PlanChecked { RunId = plan.RunId, Key = plan.Key() })],
        };
        Request(renewal, RenewedWithin, () => Later(interval, () => Renew(plans)), answer =>
        {
            if (answer is ParticipantClaimed claimed)
            {
                inbox!.Learn(newest, claimed.NewestRound);
                var offered = claimed.Plans ?? [];
                Later(offered.Count == 0 ? interval : TimeSpan.FromMilliseconds(20), () => Renew(offered));
                return;
            }

            Leave();
            Claim();
        });
    }

    private void Work()
    {
        if (busy || !inbox!.HasRound)
            return;

        // What is there is taken without waiting, so this stays on the agenda's one thread.
        var (round, superseded) = inbox.Take(CancellationToken.None).GetAwaiter().GetResult();
        if (!round.Participants.Contains(Participant))
        {
            inbox.Done();
            Work();
            return;
        }

        busy = true;
        world.Trains(this, round);
        Later(world.TrainingTime(), () =>
        {
            if (superseded.IsCancellationRequested)
                Answered();
            else
                world.Send(Answer(round), Guard(), Answered);
        });
    }

    private void Answered()
    {
        busy = false;
        inbox!.Done();
        Work();
    }

    private object Answer(RoundStarted round) => world.CannotTrain(round) ? Failure(round) : round.EvaluateOnly ? new ModelEvaluated
    {
        RoundId = round.RoundId,
        RunId = round.RunId,
        Round = round.Round,
        Participant = Participant!,
        WorkerId = Id,
        GlobalError = World.AnyError,
    }
    : new WeightsSubmitted
    {
        RoundId = round.RoundId,
        RunId = round.RunId,
        Round = round.Round,
        Participant = Participant!,
        WorkerId = Id,
        SampleCount = StubTraining.SampleCount,
        Weights = WeightBytes.From(StubTraining.Train(round.Seed, round.Round, Participant!, WeightBytes.ToFloats(round.Weights.Span))),
        GlobalError = World.AnyError,
        LocalError = World.AnyError,
        TrainingLoss = 0.5,
        TrainingTime = TimeSpan.FromSeconds(1),
    };

    private TrainingFailed Failure(RoundStarted round) => new()
    {
        RoundId = round.RoundId,
        RunId = round.RunId,
        Round = round.Round,
        Participant = Participant!,
        WorkerId = Id,
        Reason = "It cannot.",
    };

    private void Request<T>(T request, TimeSpan within, Action unanswered, Action<object> answered) where T : class
    {
        var mine = ++requests;
        world.Ask(request, answer =>
        {
            if (mine != requests)
                return;
            requests++;
            answered(answer);
        });
        world.After(within, () =>
        {
            if (mine != requests)
                return;
            requests++;
            unanswered();
        });
    }

    private void Later(TimeSpan delay, Action action)
    {
        var guard = Guard();
        world.After(delay, () =>
        {
            if (guard())
                action();
        });
    }

    private Func<bool> Guard()
    {
        var mine = epoch;
        return () => mine == epoch;
    }
}
