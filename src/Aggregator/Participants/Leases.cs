using FedQueue.Aggregator.Storage;
using Microsoft.Extensions.Options;

namespace FedQueue.Aggregator.Participants;

/// <summary>
/// Which leases still hold. A lease runs only while its renewal could have been heard: what a worker said while this aggregator,
/// the broker or the database was away still waits in a queue, and a spare must not be faster than it.
/// </summary>
internal sealed class Leases(IOptions<ParticipantOptions> options, TimeProvider clock)
{
    /// <summary>Longest pause of a worker between two tries to reach a broker that has gone, and then to be heard.</summary>
    private static readonly TimeSpan Reconnection = TimeSpan.FromSeconds(4);

    private readonly Lock gate = new();
    private DateTimeOffset listeningSince = clock.GetUtcNow();
    private DateTimeOffset heardAt = clock.GetUtcNow();
    private (DateTimeOffset Began, DateTimeOffset Ended) silence;
    private bool deaf;

    public TimeSpan Length => options.Value.Lease;

    private TimeSpan Grace => Length / 3 + Reconnection < Length ? Length / 3 + Reconnection : Length;

    /// <summary>Every holder renews at each third of a lease, so when nobody is heard for longer, it is not they who are silent.</summary>
    private TimeSpan LongestSilence => Length / 2;

    /// <summary>Some worker was heard.</summary>
    public void Heard()
    {
        lock (gate)
        {
            var now = clock.GetUtcNow();
            if (heardAt + LongestSilence < now)
                silence = (heardAt, now);
            heardAt = now;
        }
    }

    /// <summary>Nothing can be heard or stored; no lease lapses until <see cref="ListenAnew"/>.</summary>
    public void StopListening()
    {
        lock (gate)
            deaf = true;
    }

    /// <summary>
    /// From now on renewals are heard again, so every holder has the time to reconnect and to renew, which it does at every
    /// third of a lease; the whole length of a lease again would only delay the successors of those that died meanwhile.
    /// </summary>
    public void ListenAnew()
    {
        lock (gate)
        {
            deaf = false;
            listeningSince = clock.GetUtcNow();
        }
    }

    /// <summary>As <see cref="ListenAnew"/>, whether anything can be heard or not.</summary>
    public void GiveTime()
    {
        lock (gate)
            listeningSince = clock.GetUtcNow();
    }

    /// <summary>
    /// A worker holds the participant, and no other may have it. Silence from everybody is deafness of one: whose lease had not lapsed before it has the time to be heard after it.
    /// </summary>
    public bool IsHeld(ParticipantRow participant)
    {
        lock (gate)
        {
            var now = clock.GetUtcNow();
            return IsHeard(participant) || (participant.WorkerId is not null
                && ((heardAt + LongestSilence < now && participant.LeaseUntil > heardAt) || (now < silence.Ended + Grace && participant.LeaseUntil > silence.Began)));
        }
    }

    /// <summary>A worker holds the participant, and was heard of within its lease, as far as anything could be heard.</summary>
    public bool IsHeard(ParticipantRow participant)
    {
        lock (gate)
            return participant.WorkerId is not null
                && (deaf || participant.LeaseUntil > clock.GetUtcNow() || listeningSince + Grace > clock.GetUtcNow());
    }

    /// <summary>A worker holds the participant and its queue is there, so a round opened now reaches it.</summary>
    public bool IsPresent(ParticipantRow participant) => participant.Listening && IsHeard(participant);
}
