using FedQueue.Aggregator.Storage;
using FedQueue.Contracts;
using Microsoft.Extensions.Options;

namespace FedQueue.Aggregator.Runs;

/// <summary>Ends a run, within the transaction of the message that ended it, and lets the next one begin.</summary>
internal sealed class RunEnd(FedQueueDbContext db, RunStart runStart, IOptions<StorageOptions> storage)
{
    public async Task Complete(RunRow run, ModelRow model, HeldOutError? error, CancellationToken cancellationToken)
    {
        // Before the commit, so that whoever hears of the end finds the file; writing it again gives the same file.
        ModelFile.Write(storage.Value.ModelPath(run.Id), run, model);

        run.Status = RunStatus.Completed;
        run.EndedAt = db.Now;
        db.Publish(new RunCompleted { RunId = run.Id, WeightsSha256 = model.WeightsSha256, FinalError = error });
        db.Note(run.Id, null, "run completed", null, $"SHA-256 {model.WeightsSha256}.");
        await runStart.TryStartNext(cancellationToken);
    }

    public async Task Fail(RunRow run, string reason, CancellationToken cancellationToken)
    {
        run.Status = RunStatus.Failed;
        run.EndedAt = db.Now;
        run.Reason = reason;
        db.Publish(new RunFailed { RunId = run.Id, Reason = reason });
        db.Note(run.Id, null, "run failed", null, reason);
        await runStart.TryStartNext(cancellationToken);
    }
}
