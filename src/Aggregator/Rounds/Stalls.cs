using FedQueue.Aggregator.Participants;
using FedQueue.Aggregator.Storage;

namespace FedQueue.Aggregator.Rounds;

/// <summary>Tells waits that last from those that pass: a wait found at two looks in a row is a stall, and is told once.</summary>
internal sealed class Stalls
{
    private readonly HashSet<Stall> told = [];
    private HashSet<Stall> before = [];

    /// <param name="now">All waits that nobody works on.</param>
    /// <returns>Those that have become stalls.</returns>
    public IReadOnlyList<Stall> Lasting(IReadOnlyCollection<Stall> now)
    {
        List<Stall> lasting = [.. now.Where(stall => before.Contains(stall) && !told.Contains(stall))];
        told.IntersectWith(now);
        told.UnionWith(lasting);
        before = [.. now];
        return lasting;
    }
}

/// <summary>A run waits, and nobody works on what it waits for.</summary>
internal sealed record Stall(string RunId, int Round, StallReason Reason)
{
    /// <returns>Null while somebody trains, or an earlier run is under way.</returns>
    public static Stall? Of(RunRow run, RoundState? newest, bool behindAnother, IReadOnlyList<ParticipantRow> participants, Leases leases)
    {
        StallReason? reason = run.Status switch
        {
            RunStatus.Waiting when !behindAnother => StallReason.Participants,
            RunStatus.Running when newest is null or { ClosedAt: not null } => StallReason.Broker,
            RunStatus.Running when newest!.Awaited.Any(name => participants.FirstOrDefault(p => p.Name == name) is not { } row || !leases.IsHeard(row)) => StallReason.Worker,
            _ => null,
        };
        return reason is { } why ? new(run.Id, newest?.Round ?? 0, why) : null;
    }
}

internal enum StallReason
{
    /// <summary>Too few participants to start the run.</summary>
    Participants,

    /// <summary>No worker holds a participant that the round waits for.</summary>
    Worker,

    /// <summary>The broker has not taken the command that opens the next round.</summary>
    Broker,
}
