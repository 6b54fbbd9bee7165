using FedQueue.Contracts;

namespace FedQueue.Worker.Participants;

/// <summary>
/// The newest round that a participant was told. A newer one replaces the one in training; copies, older rounds of the same run
/// and rounds that were answered are dropped.
/// </summary>
/// <param name="answered">Round that an earlier holder of the participant has answered.</param>
internal sealed class RoundInbox(Guid? answered = null) : IDisposable
{
    private readonly Lock gate = new();
    private readonly SemaphoreSlim arrived = new(0);
    private RoundStarted? waiting;
    private RoundStarted? newest;
    private CancellationTokenSource? inTraining;
    private Guid? refused;
    private bool isAnswered;
    private TaskCompletionSource doubt = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends when the aggregator should be asked how things stand, before it is time to.</summary>
    public Task Doubt
    {
        get
        {
            lock (gate)
                return doubt.Task;
        }
    }

    /// <summary>Something has happened that the aggregator knows better.</summary>
    public void Ask()
    {
        lock (gate)
            doubt.TrySetResult();
    }

    /// <summary>The aggregator is asked now.</summary>
    public void Asked()
    {
        lock (gate)
            if (doubt.Task.IsCompleted)
                doubt = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    /// <summary>A round is there to be taken at once.</summary>
    public bool HasRound
    {
        get
        {
            lock (gate)
                return waiting is not null;
        }
    }

    /// <summary>Newest round that was put here; null before the first.</summary>
    public Guid? NewestRoundId
    {
        get
        {
            lock (gate)
                return newest?.RoundId;
        }
    }

    public void Put(RoundStarted round)
    {
        lock (gate)
        {
            if (round.RoundId == answered || round.RoundId == refused)
                return;
            if (newest is not null && newest.RunId == round.RunId && round.Round <= newest.Round)
                return;

            newest = round;
            if (waiting is null)
                arrived.Release();
            waiting = round;
            inTraining?.Cancel();
        }
    }

    /// <summary>What the aggregator says of a round that was told here. A round that is over is left; one that never was does not keep out those that are.</summary>
    public void Learn(Guid? roundId, RoundStanding standing)
    {
        lock (gate)
        {
            if (standing is RoundStanding.Open || newest is null || newest.RoundId != roundId)
                return;

            waiting = null;
            if (!isAnswered)
                inTraining?.Cancel();
            if (standing is RoundStanding.Unknown)
                (refused, newest) = (newest.RoundId, null);
        }
    }

    /// <summary>Waits for a round. The token is cancelled when a newer one arrives or this one is over; <see cref="Done"/> must follow.</summary>
    public async Task<(RoundStarted Round, CancellationToken Superseded)> Take(CancellationToken cancellationToken)
    {
        while (true)
        {
            await arrived.WaitAsync(cancellationToken);
            lock (gate)
            {
                if (waiting is not { } round)
                    continue;
                (waiting, isAnswered) = (null, false);
                inTraining = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
                return (round, inTraining.Token);
            }
        }
    }

    /// <summary>The answer to the round taken last is sent; that the round is over is then no reason to stop what comes after it.</summary>
    public void Answered()
    {
        lock (gate)
            isAnswered = true;
    }

    /// <summary>The round taken last is answered or left.</summary>
    public void Done()
    {
        lock (gate)
        {
            inTraining?.Dispose();
            inTraining = null;
        }
    }

    public void Dispose()
    {
        Done();
        arrived.Dispose();
    }
}
