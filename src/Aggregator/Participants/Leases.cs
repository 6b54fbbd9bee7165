using FedQueue.Aggregator.Storage;
using Microsoft.Extensions.Options;

namespace FedQueue.Aggregator.Participants;

/// <summary>
/// Which leases still hold. A lease runs only while its renewal could have been heard: what a worker said while this aggregator,
/// the broker or the database was away still waits in a queue, and a spare must not be faster than it.
/// </summary>
internal sealed class Leases(IOptions<ParticipantOptions> options, TimeProvider clock)
{
    private readonly Lock gate = new();
    private DateTimeOffset listeningSince = clock.GetUtcNow();
    private bool deaf;

    public TimeSpan Length => options.Value.Lease;

    /// <summary>Nothing can be heard or stored; no lease lapses until <see cref="ListenAnew"/>.</summary>
    public void StopListening()
    {
        lock (gate)
            deaf = true;
    }

    /// <summary>From now on renewals are heard again, so every holder has the whole length of a lease to be heard.</summary>
    public void ListenAnew()
    {
        lock (gate)
        {
            deaf = false;
            listeningSince = clock.GetUtcNow();
        }
    }

    /// <summary>A worker holds the participant, and no other may have it.</summary>
    public bool IsHeld(ParticipantRow participant)
    {
        lock (gate)
            return participant.WorkerId is not null
                && (deaf || participant.LeaseUntil > clock.GetUtcNow() || listeningSince + Length > clock.GetUtcNow());
    }

    /// <summary>A worker holds the participant and its queue is there, so a round opened now reaches it.</summary>
    public bool IsPresent(ParticipantRow participant) => participant.Listening && IsHeld(participant);
}
