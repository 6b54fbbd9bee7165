using System.ComponentModel.DataAnnotations;
using FedQueue.Contracts;
using Microsoft.Extensions.Options;

namespace FedQueue.Aggregator.Participants;

/// <summary>How participants are dealt with; section <c>FedQueue:Participants</c>.</summary>
internal sealed class ParticipantOptions
{
    public const string Section = "FedQueue:Participants";

    /// <summary>Time without a heartbeat after which another worker may take a participant, 2 seconds to 1 hour. Default 30 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:02", "01:00:00")]
    public TimeSpan Lease { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// KiB of weights that go into one message, 1 to 12,288; larger ones are divided. The broker must take such a message
    /// (RabbitMQ 4: 16 MiB). Default 2,000: with what the message says beside them just below 2 MiB, because its client takes
    /// buffers of powers of two.
    /// </summary>
    [Range(1, 12_288)]
    public int PartKibibytes { get; set; } = 2000;

    /// <summary>Most parameters of a run's model, 1 to 500 million: each takes 4 bytes for each of its versions and of a round's answers. Default 50 million.</summary>
    [Range(1L, 500_000_000L)]
    public long MostParameters { get; set; } = PlanLimits.MostParameters;

    public int PartLength => PartKibibytes << 10;
}

[OptionsValidator]
internal sealed partial class ParticipantOptionsValidator : IValidateOptions<ParticipantOptions>;
