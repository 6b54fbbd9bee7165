using FedQueue.Aggregator.Participants;
using FedQueue.Aggregator.Rounds;

namespace FedQueue.Aggregator.Storage;

/// <summary>What every <see cref="FedQueueDbContext"/> of a process shares besides the database.</summary>
internal sealed record StorageState(
    OutboxSignal Outbox, Leases Leases, StorageOutage Outage, SharedFlush Flush, LogCheckpoints Checkpoints, TimeProvider Clock, RoundMetrics Metrics)
{
    public HotQueries Queries { get; } = new();

    public RunningHashes Hashes { get; } = new();
}
