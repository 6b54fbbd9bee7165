using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace FedQueue.Aggregator.Participants;

/// <summary>Leases on participants; section <c>FedQueue:Participants</c>.</summary>
internal sealed class ParticipantOptions
{
    public const string Section = "FedQueue:Participants";

    /// <summary>Time without a heartbeat after which another worker may take a participant, 2 seconds to 1 hour. Default 30 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:02", "01:00:00")]
    public TimeSpan Lease { get; set; } = TimeSpan.FromSeconds(30);
}

[OptionsValidator]
internal sealed partial class ParticipantOptionsValidator : IValidateOptions<ParticipantOptions>;
