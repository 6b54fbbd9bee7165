using System.Collections.Concurrent;
using FedQueue.Contracts;
using FedQueue.Worker.Data;
using FedQueue.Worker.Training;
using MassTransit;

namespace FedQueue.Worker.Participants;

/// <summary>
/// Holds one participant at a time: claims a free one, listens on its queue, keeps the lease, trains. Without a free one it
/// stands by as a spare.
/// </summary>
internal sealed class ParticipantSession(
    string workerId, ParticipantSources sources, WorkerOptions options, SemaphoreSlim claiming, ConcurrentDictionary<string, bool> held, IBus bus, IUplink uplink, IReceiveEndpointConnector endpoints,
    Trainers trainers, TrainingMetrics metrics, TimeProvider clock, ILogger<ParticipantSession> log)
{
    /// <summary>A request that nobody listens for is lost, and a worker often starts before its aggregator: better ask again soon.</summary>
    private static readonly TimeSpan ClaimedWithin = TimeSpan.FromSeconds(3);

    /// <summary>Two hundred workers that start at once wait for each other, and would wait longer if each asked again every three seconds.</summary>
    private static readonly TimeSpan ClaimedWithinAtMost = TimeSpan.FromSeconds(24);

    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(20);

    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(2);

    private readonly RareLines rare = new(clock);
    private readonly IRequestClient<ClaimParticipant> claims = bus.CreateRequestClient<ClaimParticipant>();
    private readonly IRequestClient<RenewClaim> renewals = bus.CreateRequestClient<RenewClaim>();

    // Requests are abandoned at the stop, not cancelled: MassTransit logs a send that is cancelled as an error. Their
    // own timeout may not end them when the connection is lost while they are sent (see BrokerCall), so waiting has a limit too.
    public async Task Run(CancellationToken stopping)
    {
        while (true)
        {
            var claim = await Claim(stopping);
            try
            {
                await Hold(claim, stopping);
            }
            finally
            {
                held.TryRemove(claim.Participant, out _);
            }
        }
    }

    private async Task<ParticipantClaimed> Claim(CancellationToken stopping)
    {
        string? told = null;
        var within = ClaimedWithin;
        while (true)
        {
            string why;
            try
            {
                // What other sessions of this process hold is not to be had, and a thousand names would be looked up a thousand times.
                if (await Ask(() => [.. sources.List().Where(name => !held.ContainsKey(name))], within, stopping) is not { } response)
                    why = "this process holds every participant that it can read";
                else if (response.Is(out Response<ParticipantClaimed>? claimed))
                    return claimed.Message;
                else
                    why = response.Is(out Response<ParticipantUnavailable>? unavailable) ? unavailable.Message.Reason : "the answer was empty";
            }
            catch (RequestTimeoutException)
            {
                StandBy("no aggregator answers");
                within = 2 * within < ClaimedWithinAtMost ? 2 * within : ClaimedWithinAtMost;
                continue;
            }
            catch (DataException exception)
            {
                why = exception.Message;
            }
            catch (Exception exception) when (!stopping.IsCancellationRequested)
            {
                // An aggregator without its database, a connection that broke: both come back.
                why = $"the claim failed ({exception.Message})";
            }

            StandBy(why);
            await Task.Delay(options.SpareInterval, clock, stopping);
        }

        void StandBy(string why)
        {
            if (why != told)
                log.StandingBy(workerId, why);
            told = why;
        }
    }

    /// <summary>A few sessions of the process ask at a time.</summary>
    /// <returns>Null when there is nothing to ask for.</returns>
    private async Task<Response<ParticipantClaimed, ParticipantUnavailable>?> Ask(Func<IReadOnlyList<string>> candidates, TimeSpan within, CancellationToken stopping)
    {
        await claiming.WaitAsync(stopping);
        try
        {
            var request = new ClaimParticipant { WorkerId = workerId, Candidates = candidates(), ProtocolVersion = Protocol.Version };
            if (request.Candidates.Count == 0)
                return null;
            var response = await claims.GetResponse<ParticipantClaimed, ParticipantUnavailable>(request, CancellationToken.None, within)
                .WaitAsync(2 * within, stopping);
            if (response.Is(out Response<ParticipantClaimed>? claimed))
                held[claimed.Message.Participant] = true;
            return response;
        }
        finally
        {
            claiming.Release();
        }
    }

    private async Task Hold(ParticipantClaimed claim, CancellationToken stopping)
    {
        var participant = claim.Participant;
        log.Claimed(workerId, participant);

        using var lease = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        using var inbox = new RoundInbox(claim.AnsweredRoundId);
        var data = new ParticipantData(participant, sources.PathOf(participant), options, log);
        var checks = new PlanChecks(participant, data, inbox.Ask, log);
        checks.Offer(claim.Plans ?? []);
        var rounds = new RoundTraining(workerId, participant, data, options, inbox, bus, uplink, trainers, metrics, clock, log);
        var training = rounds.Run(lease.Token);

        var endpoint = endpoints.ConnectReceiveEndpoint(ParticipantName.QueueOf(participant), (context, queue) =>
        {
            queue.KeepOnlyNewest();
            queue.SetFailuresAside();
            queue.CopyToSeveralNodes(context);
            queue.PrefetchCount = 1;
            queue.Handler<RoundStarted>(context =>
            {
                if (MessageCheck.ProblemOf(context.Message) is { } problem)
                {
                    if (rare.MaySay("round refused", out var since))
                        log.RoundRefused(participant, problem, RareLines.Meanwhile(since));
                    return Task.CompletedTask;
                }

                metrics.QueueWait.Record(context, context.Message, participant);

                // Accepted is acknowledged: training takes longer than a broker waits for an acknowledgement.
                inbox.Put(context.Message);
                return Task.CompletedTask;
            });

            // Both are heard of from whoever can send; the aggregator says whether it is so.
            queue.Handler<RunCancelled>(_ =>
            {
                inbox.Ask();
                return Task.CompletedTask;
            });
            queue.Handler<RunAnnounced>(_ =>
            {
                inbox.Ask();
                return Task.CompletedTask;
            });
        });

        try
        {
            await endpoint.Ready.WaitAsync(claim.Lease, clock, stopping);
            var reason = await KeepLease(claim, inbox, checks, stopping);
            log.LeaseLost(workerId, participant, reason);
        }
        catch (TimeoutException)
        {
            // Not listening it does not renew either, so by now the lease has lapsed.
            log.LeaseLost(workerId, participant, $"its queue could not be read within {claim.Lease.TotalSeconds:0.#} s");
        }
        finally
        {
            await lease.CancelAsync();
            await training;
            await StopReading(endpoint);
            if (stopping.IsCancellationRequested)
                await Release(participant);
        }
    }

    /// <summary>An endpoint that MassTransit has lost may not stop either; the process then ends or has ended (see QueueWatch).</summary>
    private static async Task StopReading(HostReceiveEndpointHandle endpoint)
    {
        try
        {
            await endpoint.StopAsync(CancellationToken.None).WaitAsync(StopLimit);
        }
        catch (TimeoutException)
        {
            // What it still takes off the queue is told to the next holder once more.
        }
    }

    private async Task Release(string participant)
    {
        var release = new ReleaseParticipant { WorkerId = workerId, Participant = participant };
        try
        {
            await BrokerCall.Limited(limited => bus.Publish(release, limited), release, CancellationToken.None);
        }
        catch (TimeoutException)
        {
            // The lease will lapse instead.
        }
    }

    /// <summary>Returns when another worker holds the participant, with the reason; an aggregator that is away is waited for.</summary>
    private async Task<string> KeepLease(ParticipantClaimed claim, RoundInbox inbox, PlanChecks checks, CancellationToken stopping)
    {
        // A third, so that one request may be lost, with a broker for instance, and the next is still in time.
        var interval = claim.Lease / 3;

        // What takes no time to look at is told with the first renewal.
        await Wait(checks.Looking, interval, stopping);
        while (true)
        {
            inbox.Asked();
            var news = checks.Untold;
            try
            {
                var request = new RenewClaim { WorkerId = workerId, Participant = claim.Participant, NewestRoundId = inbox.NewestRoundId, Checked = news };
                var response = await renewals.GetResponse<ParticipantClaimed, ParticipantUnavailable>(request, CancellationToken.None, interval)
                    .WaitAsync(2 * interval, stopping);
                if (response.Is(out Response<ParticipantUnavailable>? unavailable))
                    return unavailable.Message.Reason;
                if (response.Is(out Response<ParticipantClaimed>? claimed))
                {
                    inbox.Learn(request.NewestRoundId, claimed.Message.NewestRound);
                    checks.Told(news);
                    checks.Offer(claimed.Message.Plans ?? []);
                    checks.LookAgain();
                }
            }
            catch (RequestTimeoutException)
            {
                if (rare.MaySay("unanswered", out var since))
                    log.RenewalUnanswered(workerId, claim.Participant, interval, RareLines.Meanwhile(since));
                continue;
            }
            catch (Exception exception) when (!stopping.IsCancellationRequested)
            {
                if (rare.MaySay("failed", out var since))
                    log.RenewalFailed(exception, workerId, claim.Participant, interval, RareLines.Meanwhile(since));
            }

            // Whoever sends without end that something has happened must not make the worker ask without end.
            await Task.Delay(interval < ShortestPause ? interval : ShortestPause, clock, stopping);
            await Wait(inbox.Doubt, interval - ShortestPause, stopping);
        }
    }

    private async Task Wait(Task task, TimeSpan atMost, CancellationToken stopping)
    {
        if (task.IsCompleted || atMost <= TimeSpan.Zero)
            return;
        using var over = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        await Task.WhenAny(task, Task.Delay(atMost, clock, over.Token));
        await over.CancelAsync();
        stopping.ThrowIfCancellationRequested();
    }
}
