using FedQueue.Aggregator.Participants;
using FedQueue.Aggregator.Rounds;
using FedQueue.Aggregator.Runs;
using FedQueue.Aggregator.Storage;
using FedQueue.Contracts;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;

namespace FedQueue.Reliability.Simulation;

/// <summary>
/// One seed's federation: an aggregator, workers and a broker that delays, reorders, repeats and loses as brokers may, and
/// processes that die at any commit. All that happens is on one agenda, so the seed decides everything.
/// </summary>
internal sealed class World(SimulatedAggregator aggregator, int seed)
{
    /// <summary>After that nothing goes wrong any more, so that the run can end.</summary>
    private static readonly TimeSpan ChaosEnds = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan Limit = TimeSpan.FromHours(12);
    /// <summary>Answers that were on their way still come, and are of no use any more.</summary>
    private static readonly TimeSpan AfterCancelling = TimeSpan.FromMinutes(2);

    private static readonly TimeSpan RequestExpires = TimeSpan.FromSeconds(10);

    public static readonly HeldOutError AnyError = new() { WindowCount = 5, MeanSquaredError = 4, MeanAbsoluteError = 2 };

    private readonly Random random = new(seed);

    /// <summary>A person's decisions, apart from the others, so that seeds without one are what they were before there was any.</summary>
    private readonly Random person = new(~seed);

    /// <summary>Who comes together with whom, apart from the others as well.</summary>
    private readonly Random company = new(seed ^ int.MaxValue);

    /// <summary>Messages that will be handed over together.</summary>
    private readonly List<object> gathered = [];

    /// <summary>Messages for rounds share transactions, in every other world.</summary>
    private readonly bool shares = seed % 2 == 0;

    private readonly PriorityQueue<Func<Task>, (long Ticks, int Sequence)> agenda = new();
    private readonly List<(Func<Task> Deliver, TimeSpan Expires)> backlog = [];
    private readonly Dictionary<string, RoundStarted?> queues = [];
    private readonly Dictionary<string, List<SimulatedWorker>> consumers = [];
    private readonly Dictionary<string, (SimulatedWorker Worker, TimeSpan At)> heard = [];
    private readonly List<object> answers = [];
    private readonly List<SimulatedWorker> workers = [];
    private int sequence;
    private bool brokerUp = true;
    private bool aggregatorUp;
    private bool ended;

    public Scenario Scenario { get; private set; } = null!;

    private const string NoRun = "yesterday";

    public TimeSpan Now => aggregator.Clock.Elapsed;

    /// <summary>Answers whose effect was committed; the history must have one line for each.</summary>
    public int AnswersHandled { get; private set; }

    /// <summary>Trainings begun: which round and participant, and when the worker had claimed it.</summary>
    public List<(int Round, string Participant, string WorkerId, TimeSpan ClaimedAt)> Trainings { get; } = [];

    /// <summary>Hashes of the global weights that there were when the run was known to be cancelled; null while it is not.</summary>
    public IReadOnlyList<string>? ModelsWhenCancelled { get; private set; }

    /// <summary>When the aggregator decided the answer that is being delivered: what it stored since then the asker cannot know.</summary>
    public TimeSpan DecidedAt { get; private set; }

    /// <summary>Contradictions seen on the way.</summary>
    public List<string> Problems { get; } = [];

    /// <summary>How the world is disturbed; the property test of the waits turns it off and lets everybody fall silent.</summary>
    public bool Silent { get; set; }

    /// <summary>Lets the world happen until its run has ended, or until the condition holds.</summary>
    public async Task Run(Func<World, bool>? until = null)
    {
        if (Scenario is null)
            await Begin();
        while (!ended && until?.Invoke(this) != true && Problems.Count == 0)
        {
            if (!agenda.TryDequeue(out var happen, out var due) || due.Ticks > Limit.Ticks)
            {
                Problems.Add($"the run has not ended after {Now}");
                return;
            }

            aggregator.Clock.Elapsed = TimeSpan.FromTicks(due.Ticks);
            await happen();
        }
    }

    public void After(TimeSpan delay, Action action) => After(delay, () =>
    {
        action();
        return Task.CompletedTask;
    });

    /// <summary>A durable message to the aggregator, sent until the broker has confirmed it.</summary>
    public void Send(object message, Func<bool> stillWanted, Action? sent = null)
    {
        if (!stillWanted() || Silent)
            return;
        var confirmed = brokerUp && !Chance(0.05);
        if (brokerUp)
            Enqueue(message);
        if (confirmed)
            sent?.Invoke();
        else
            After(TimeSpan.FromSeconds(2), () => Send(message, stillWanted, sent));
    }

    /// <summary>A request, which may get lost on either way; nobody sends it again but the asker.</summary>
    public void Ask(object request, Action<object> answered)
    {
        if (!brokerUp || Silent || Chance(0.05))
            return;
        ToAggregator(() => Answer(request, answered), RequestExpires);
    }

    public void Connect(SimulatedWorker worker)
    {
        // One that does not know yet that it has lost the participant reads the same queue.
        if (!consumers.TryAdd(worker.Participant!, [worker]))
            consumers[worker.Participant!].Add(worker);
        queues.TryAdd(worker.Participant!, null);
        DeliverNewest(worker.Participant!);
    }

    public void Disconnect(SimulatedWorker worker)
    {
        if (worker.Participant is { } participant)
            consumers[participant].Remove(worker);
    }

    public void Trains(SimulatedWorker worker, RoundStarted round)
    {
        if (!round.EvaluateOnly)
            Trainings.Add((round.Round, worker.Participant!, worker.Id, worker.ClaimedAt));
    }

    public TimeSpan TrainingTime() => Seconds(1, Chance(0.03) ? 120 : 10);

    public bool CannotTrain(RoundStarted round) => Scenario.MayCut && !round.EvaluateOnly && Chance(0.05);

    private async Task Begin()
    {
        Scenario = Scenario.From(random);
        await aggregator.Reset(reversed: random.Next(2) == 0, Publish);
        await StartAggregator();
        Send(new StartRun { RunId = Scenario.RunId, Plan = Scenario.Plan }, () => true);
        for (var i = 1; i <= Scenario.Workers; i++)
        {
            var worker = new SimulatedWorker(this, i);
            workers.Add(worker);
            After(Seconds(0, 5), worker.Start);
        }

        Tick();
        After(Seconds(1, 10), Disturb);
        if (!Silent && person.Next(16) == 0)
            After(TimeSpan.FromSeconds(person.Next(1, 90)), Cancel);
    }

    // ---- a person

    /// <summary>Cancels the run over HTTP, and tries again until an answer comes.</summary>
    private async Task Cancel()
    {
        var answered = false;
        if (aggregatorUp)
        {
            PlanCrash(0.1);
            Refusal? refusal = null;

            // The first try may have been committed although its answer was lost.
            answered = await Survives(async () => refusal = await aggregator.Cancel(Scenario.RunId)) && refusal is null or { Status: StatusCodes.Status409Conflict };
            Soon(Relay);
        }

        if (!answered)
        {
            After(TimeSpan.FromSeconds(2), Cancel);
            return;
        }

        // Who wins a race against the run's own end is the database's to say.
        ModelsWhenCancelled = await aggregator.Read(async db => (await db.Runs.AsNoTracking().SingleAsync()).Status is RunStatus.Cancelled
            ? await db.Models.OrderBy(m => m.Round).Select(m => m.WeightsSha256).ToListAsync()
            : null);
        if (ModelsWhenCancelled is not null)
            After(AfterCancelling, () => ended = true);
    }

    // ---- the aggregator's process

    private async Task StartAggregator()
    {
        PlanCrash(0.02);
        aggregatorUp = true;
        if (!await Survives(aggregator.Start))
            return;
        Flush();
        Soon(Relay);
    }

    private void KillAggregator()
    {
        aggregatorUp = false;
        aggregator.Crashes.Next = CrashPoint.Never;
        aggregator.Hear(false);
        After(Seconds(1, Chance(0.1) ? 100 : 10), StartAggregator);
    }

    /// <returns>False when the process died of it.</returns>
    private async Task<bool> Survives(Func<Task> action)
    {
        try
        {
            await action();
            aggregator.Crashes.Next = CrashPoint.Never;
            return true;
        }
        catch (Exception exception) when (exception is CrashException || exception.GetBaseException() is CrashException)
        {
            KillAggregator();
            return false;
        }
    }

    private void PlanCrash(double chance)
    {
        if (Disturbed(chance))
            aggregator.Crashes.Next = Chance(0.5) ? CrashPoint.BeforeCommit : CrashPoint.AfterCommit;
    }

    private async Task Relay()
    {
        if (!aggregatorUp)
            return;
        try
        {
            var more = 0;
            if (await Survives(async () => more = await aggregator.Relay()) && more > 0)
                Soon(Relay);
        }
        catch (OutgoingException)
        {
            After(TimeSpan.FromSeconds(1), Relay);
        }
    }

    private void Tick() => After(TimeSpan.FromSeconds(30), async () =>
    {
        Tick();
        if (!aggregatorUp)
            return;
        try
        {
            if (await Survives(aggregator.Beat) && await Survives(aggregator.EndOverdue))
                await Relay();
        }
        catch (OutgoingException)
        {
            // The next tick tries again.
        }
    });

    private async Task Handle(object message)
    {
        if (shares && (IsAnswer(message) || message is StartRound or CloseRound))
        {
            gathered.Add(message);
            if (gathered.Count == 1)
                After(TimeSpan.FromMilliseconds(company.Next(300)), HandleGathered);
            return;
        }

        PlanCrash(0.02);
        var commits = aggregator.Crashes.Commits;
        var survived = await Survives(() => aggregator.Handle(message));
        if (LeavesALine(message))
            AnswersHandled += aggregator.Crashes.Commits - commits;
        Acknowledge(message, survived);
        Soon(Relay);
    }

    private async Task HandleGathered()
    {
        var messages = gathered.Take(RoundDefinition.Concurrency).ToList();
        gathered.RemoveRange(0, messages.Count);
        if (gathered.Count > 0)
            Soon(HandleGathered);
        if (!brokerUp || !aggregatorUp)
        {
            messages.ForEach(message => ToAggregator(() => Handle(message), Limit));
            return;
        }

        PlanCrash(0.02);
        var commits = aggregator.Crashes.Commits;
        IReadOnlyList<Task> handled = [];
        await Survives(async () => await Task.WhenAll(handled = await aggregator.HandleTogether(messages)));
        commits = aggregator.Crashes.Commits - commits;
        if (commits > 1)
            Problems.Add($"{messages.Count} messages that came together took {commits} transactions");
        if (commits == 0 && handled.Any(one => one.IsCompletedSuccessfully))
            Problems.Add("an answer was acknowledged and nothing was committed");
        AnswersHandled += commits * messages.Count(LeavesALine);
        foreach (var (message, one) in messages.Zip(handled))
            Acknowledge(message, one.IsCompletedSuccessfully);
        Soon(Relay);
    }

    private void Acknowledge(object message, bool handled)
    {
        // Handled, but the acknowledgement did not reach the broker.
        if (!handled || Disturbed(0.03))
            ToAggregator(() => Handle(message), Limit);
    }

    /// <summary>Runs that never were have no history.</summary>
    private static bool LeavesALine(object message) => IsAnswer(message) && message is not WeightsSubmitted { RunId: NoRun };

    private static bool IsAnswer(object message) => message is WeightsSubmitted or ModelEvaluated or TrainingFailed;

    private async Task Answer(object request, Action<object> answered)
    {
        PlanCrash(0.02);
        object? answer = null;
        var survived = await Survives(async () => answer = request is ClaimParticipant claim
            ? await aggregator.Ask<ClaimParticipantConsumer, ClaimParticipant>(claim)
            : await aggregator.Ask<RenewClaimConsumer, RenewClaim>((RenewClaim)request));
        Soon(Relay);
        if (!survived)
            return;

        CheckLease(request, answer!);
        var decided = Now;
        if (!Chance(0.05))
            After(Delay(), () =>
            {
                DecidedAt = decided;
                answered(answer!);
            });
    }

    /// <summary>Nobody may be given what another living worker had renewed less than a lease ago.</summary>
    private void CheckLease(object request, object answer)
    {
        if (answer is not ParticipantClaimed { Participant: var participant })
            return;
        var workerId = request is ClaimParticipant claim ? claim.WorkerId : ((RenewClaim)request).WorkerId;
        if (heard.TryGetValue(participant, out var before) && before.Worker.Id != workerId && before.Worker.Participant == participant
            && Now - before.At < SimulatedAggregator.Lease)
            Problems.Add($"{participant} went to {workerId} although {before.Worker.Id} had renewed it {Now - before.At} ago");
        if (workers.Find(w => w.Id == workerId) is { } worker)
            heard[participant] = (worker, Now);
    }

    // ---- the broker

    private void Publish(object message, string? queue)
    {
        if (!brokerUp || Disturbed(0.02))
            throw new OutgoingException(new IOException("the broker is away"));
        if (Disturbed(0.01))
            throw new CrashException();

        switch (message)
        {
            case RoundStarted round:
                foreach (var participant in queues.Keys.Where(p => queue is null || ParticipantName.QueueOf(p) == queue).ToList())
                {
                    queues[participant] = round;
                    DeliverNewest(participant);
                }

                break;
            case StartRound or CloseRound:
                Enqueue(message);
                break;
            case RunCompleted or RunFailed:
                ended = true;
                break;
        }

        if (Disturbed(0.01))
            throw new CrashException();
        if (Disturbed(0.02))
            throw new OutgoingException(new IOException("the confirmation was lost"));
    }

    private void Enqueue(object message)
    {
        if (IsAnswer(message))
            answers.Add(message);
        ToAggregator(() => Handle(message), Limit);
        if (Disturbed(0.05))
            ToAggregator(() => Handle(message), Limit);
    }

    private void ToAggregator(Func<Task> deliver, TimeSpan lives)
    {
        var expires = Now + lives;
        After(Delay(), () => brokerUp && aggregatorUp ? deliver() : Keep());

        Task Keep()
        {
            backlog.Add((deliver, expires));
            return Task.CompletedTask;
        }
    }

    private void Flush()
    {
        if (!brokerUp || !aggregatorUp)
            return;
        var waiting = backlog.ToList();
        backlog.Clear();
        foreach (var (deliver, expires) in waiting.Where(message => message.Expires > Now))
            ToAggregator(deliver, expires - Now);
    }

    private void DeliverNewest(string participant)
    {
        if (queues[participant] is not { } round)
            return;
        After(Delay(), () =>
        {
            if (!brokerUp || !consumers.TryGetValue(participant, out var readers) || readers.Count == 0 || queues[participant] != round)
                return;
            var worker = readers[random.Next(readers.Count)];

            // Acknowledged, unless the connection is cut in that moment: then it is delivered again.
            if (!Disturbed(0.03))
                queues[participant] = null;
            else
                DeliverNewest(participant);
            worker.Deliver(round);
        });
    }

    // ---- what goes wrong

    private void Disturb()
    {
        if (Now > ChaosEnds || Silent)
            return;
        After(Seconds(1, 25), Disturb);
        switch (random.Next(8))
        {
            case 0 when aggregatorUp:
                KillAggregator();
                break;
            case 1 when brokerUp:
                brokerUp = false;
                aggregator.Hear(false);
                After(Seconds(1, Chance(0.15) ? 90 : 10), BrokerReturns);
                break;
            case 2 or 3:
                var victim = workers[random.Next(workers.Count)];
                if (!victim.Alive)
                    break;
                if (Chance(0.3))
                    victim.Stop();
                else
                    victim.Crash();
                After(Seconds(1, 60), victim.Start);
                break;
            case 4 when answers.Count > 0:
                Enqueue(answers[random.Next(answers.Count)]);
                break;
            case 5 or 7 when answers.OfType<WeightsSubmitted>().LastOrDefault() is { } real:
                Enqueue(Forged(real));
                break;
            case 6:
                Send(new StartRun { RunId = Scenario.RunId, Plan = Scenario.Plan }, () => true);
                break;
        }
    }

    private void BrokerReturns()
    {
        brokerUp = true;
        if (aggregatorUp)
            aggregator.Hear(true);
        Flush();
        foreach (var participant in queues.Keys)
            DeliverNewest(participant);
    }

    /// <summary>What must never count: it would change the bits.</summary>
    private WeightsSubmitted Forged(WeightsSubmitted real)
    {
        var wrong = WeightBytes.From(Enumerable.Repeat(3f, real.Weights.Length / sizeof(float)).ToArray());
        var round = Chance(0.8) ? real.Round : real.Round + 1;
        var other = real with { RoundId = RoundIdentity.Of(real.RunId, round), Round = round, Participant = Scenario.Participants[random.Next(Scenario.Participants.Count)] };
        return random.Next(10) switch
        {
            < 5 => other with { WorkerId = "stranger", Weights = wrong },
            5 => other with { Weights = wrong, Participant = "p0" },
            6 => other with { SampleCount = 0 },
            7 => other with { Weights = wrong.AsMemory(4) },
            8 => other with { Weights = WeightBytes.From(Enumerable.Repeat(float.NaN, wrong.Length / sizeof(float)).ToArray()) },
            _ => other with { RunId = NoRun, RoundId = RoundIdentity.Of(NoRun, round), Weights = wrong },
        };
    }

    private bool Disturbed(double chance) => !Silent && Now <= ChaosEnds && Chance(chance);

    private bool Chance(double chance) => random.NextDouble() < chance;

    private TimeSpan Seconds(double least, double most) => TimeSpan.FromSeconds(least + random.NextDouble() * (most - least));

    /// <summary>Mostly soon, sometimes so late that others overtake it or a lease lapses on the way.</summary>
    private TimeSpan Delay() => Disturbed(0.03) ? Seconds(1, 60) : Seconds(0.001, 0.5);

    private void After(TimeSpan delay, Func<Task> action) => agenda.Enqueue(action, ((Now + delay).Ticks, sequence++));

    private void Soon(Func<Task> action) => After(TimeSpan.FromMilliseconds(1), action);
}
