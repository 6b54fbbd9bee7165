using FedQueue.Aggregator.Participants;
using FedQueue.Aggregator.Rounds;
using FedQueue.Contracts;

namespace FedQueue.Aggregator.Storage;

/// <summary>What every <see cref="FedQueueDbContext"/> of a process shares besides the database.</summary>
internal sealed record StorageState(
    OutboxSignal Outbox, Leases Leases, StorageOutage Outage, SharedFlush Flush, LogCheckpoints Checkpoints, FederationClock Clock, RoundMetrics Metrics,
    AggregatorIdentity Identity, BrokerLink Link, IConfiguration Configuration)
{
    /// <summary>Aggregator and workers are one process, so nobody can start more of them.</summary>
    public bool IsOneProcess { get; } = Transport.IsInMemory(Configuration);

    private long commits;

    public long Commits => Interlocked.Read(ref commits);

    public void Committed() => Interlocked.Increment(ref commits);

    public HotQueries Queries { get; } = new();

    public RunningHashes Hashes { get; } = new();

    public HistoryNoise Noise { get; } = new();
}
