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
    private string? cancelledRun;

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
            if (round.RoundId == answered || round.RunId == cancelledRun)
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

    /// <summary>Leaves a run that was cancelled: whoever has taken or takes its round finds that it is superseded.</summary>
    public void Cancel(string runId)
    {
        lock (gate)
        {
            if (newest?.RunId != runId)
                return;

            cancelledRun = runId;
            inTraining?.Cancel();
        }
    }

    /// <summary>Waits for a round. The token is cancelled when a newer one arrives; <see cref="Done"/> must follow.</summary>
    public async Task<(RoundStarted Round, CancellationToken Superseded)> Take(CancellationToken cancellationToken)
    {
        await arrived.WaitAsync(cancellationToken);
        lock (gate)
        {
            var round = waiting!;
            waiting = null;
            inTraining = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            if (round.RunId == cancelledRun)
                inTraining.Cancel();
            return (round, inTraining.Token);
        }
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
