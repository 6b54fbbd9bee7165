using System.Text.Json;
using FedQueue.Contracts;

namespace FedQueue.Aggregator.Storage;

/// <summary>A message that is committed and not yet published.</summary>
internal sealed class OutboxRow
{
    private static readonly Dictionary<string, Type> MessageTypes =
        typeof(StartRun).Assembly.GetTypes().Where(type => type.IsPublic).ToDictionary(type => type.Name);

    /// <summary>Order of publishing.</summary>
    public long Id { get; init; }

    /// <summary>Stays the same however often the row is published.</summary>
    public required Guid MessageId { get; init; }

    /// <summary>Name of the message's type in FedQueue.Contracts.</summary>
    public required string Type { get; init; }

    /// <summary>The one queue it goes to; null: every subscriber.</summary>
    public string? Queue { get; init; }

    public required byte[] Body { get; init; }

    public static OutboxRow For<T>(T message, string? queue) where T : class => new()
    {
        MessageId = Guid.NewGuid(),
        Type = typeof(T).Name,
        Queue = queue,
        Body = JsonSerializer.SerializeToUtf8Bytes(message),
    };

    public object Read() => JsonSerializer.Deserialize(Body, MessageTypes[Type])!;
}
