using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace FedQueue.Reliability.Simulation;

/// <summary>The process is gone: nothing of what it would have done next happens.</summary>
internal sealed class CrashException : Exception;

internal enum CrashPoint
{
    Never,
    BeforeCommit,
    AfterCommit,

    /// <summary>It has crashed.</summary>
    Crashed,
}

/// <summary>Kills the aggregator at its next commit, as it is told.</summary>
internal sealed class CrashInterceptor : DbTransactionInterceptor
{
    public CrashPoint Next { get; set; }

    /// <summary>Transactions committed since the last reset.</summary>
    public int Commits { get; private set; }

    public override ValueTask<InterceptionResult<DbTransaction>> TransactionStartingAsync(
        DbConnection connection, TransactionStartingEventData eventData, InterceptionResult<DbTransaction> result, CancellationToken cancellationToken = default) =>
        Next is CrashPoint.Crashed ? throw new CrashException() : ValueTask.FromResult(result);

    public override ValueTask<InterceptionResult> TransactionCommittingAsync(
        DbTransaction transaction, TransactionEventData eventData, InterceptionResult result, CancellationToken cancellationToken = default)
    {
        Hit(CrashPoint.BeforeCommit);
        return ValueTask.FromResult(result);
    }

    public override Task TransactionCommittedAsync(
        DbTransaction transaction, TransactionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        Commits++;
        Hit(CrashPoint.AfterCommit);
        return Task.CompletedTask;
    }

    private void Hit(CrashPoint point)
    {
        if (Next != point)
            return;
        Next = CrashPoint.Crashed;
        throw new CrashException();
    }
}
