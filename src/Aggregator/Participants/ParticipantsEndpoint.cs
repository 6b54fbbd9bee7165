namespace FedQueue.Aggregator.Participants;

internal static class ParticipantsEndpoint
{
    /// <summary>One queue for all that concerns leases, so that a release cannot overtake the renewal before it.</summary>
    public const string Name = "fedqueue-participants";
}
