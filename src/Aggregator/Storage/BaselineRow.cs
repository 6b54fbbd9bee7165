using FedQueue.Contracts;

namespace FedQueue.Aggregator.Storage;

/// <summary>What a participant can do without the federation: errors on the held-out windows of its evaluation of the final model.</summary>
internal sealed class BaselineRow
{
    public required string RunId { get; init; }
    public required string Participant { get; init; }
    public int HeldOutWindows { get; set; }
    public double? RepeatLastMse { get; private set; }
    public double? RepeatLastMae { get; private set; }
    public double? MeanMse { get; private set; }
    public double? MeanMae { get; private set; }

    /// <summary>Of a model of its own, trained on its rows alone; null unless the plan asked for it and the training has ended.</summary>
    public double? LocalMse { get; private set; }

    public double? LocalMae { get; private set; }

    /// <summary>The target at each window's last row, repeated.</summary>
    public HeldOutError? RepeatLast
    {
        get => Error(RepeatLastMse, RepeatLastMae);
        set => (RepeatLastMse, RepeatLastMae) = (value?.MeanSquaredError, value?.MeanAbsoluteError);
    }

    /// <summary>The mean of the training labels.</summary>
    public HeldOutError? Mean
    {
        get => Error(MeanMse, MeanMae);
        set => (MeanMse, MeanMae) = (value?.MeanSquaredError, value?.MeanAbsoluteError);
    }

    /// <summary>See <see cref="LocalMse"/>.</summary>
    public HeldOutError? Local
    {
        get => Error(LocalMse, LocalMae);
        set => (LocalMse, LocalMae) = (value?.MeanSquaredError, value?.MeanAbsoluteError);
    }

    /// <returns>The participant's row, new when there was none.</returns>
    public static async Task<BaselineRow> Of(FedQueueDbContext db, string runId, string participant, CancellationToken cancellationToken) =>
        await db.Baselines.FindAsync([runId, participant], cancellationToken)
        ?? db.Baselines.Add(new BaselineRow { RunId = runId, Participant = participant }).Entity;

    /// <summary>Stores what the participants' own models reach, in a transaction of its own, for who has trained them all.</summary>
    public static Task KeepLocal(FedQueueDbContext db, string runId, IReadOnlyDictionary<string, HeldOutError> local, CancellationToken cancellationToken) =>
        db.Transact(async () =>
        {
            foreach (var (participant, error) in local)
                (await Of(db, runId, participant, cancellationToken)).Local = error;
        }, cancellationToken);

    private HeldOutError? Error(double? mse, double? mae) => mse is null || mae is null
        ? null
        : new() { WindowCount = HeldOutWindows, MeanSquaredError = mse.Value, MeanAbsoluteError = mae.Value };
}
