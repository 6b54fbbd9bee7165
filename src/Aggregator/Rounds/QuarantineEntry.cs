using System.Security.Cryptography;
using System.Text.Json;
using FedQueue.Aggregator.Storage;
using FedQueue.Contracts;

namespace FedQueue.Aggregator.Rounds;

/// <summary>What is kept of an answer that failed validation.</summary>
internal static class QuarantineEntry
{
    public static QuarantineRow For(WeightsSubmitted message, RoundState round, string reason, DateTimeOffset now) => new()
    {
        Id = Identity(message),
        RunId = round.RunId,
        Round = round.Round,
        Participant = message.Participant,
        WorkerId = WorkerName.Shown(message.WorkerId),
        ReceivedAt = now,
        Reason = reason,
        SampleCount = message.SampleCount,
        WeightBytes = message.Weights.Length,
        WeightsSha256 = WeightBytes.Sha256(message.Weights.Span),
        Weights = message.Weights.ToArray(),
    };

    public static QuarantineRow For(ModelEvaluated message, RoundState round, string reason, DateTimeOffset now) =>
        WithoutWeights(Identity(message), round.RunId, round.Round, message.Participant, message.WorkerId, reason, now);

    public static QuarantineRow For(LocalModelEvaluated message, string reason, DateTimeOffset now) =>
        WithoutWeights(Identity(message), message.RunId, message.Round, message.Participant, message.WorkerId, reason, now);

    private static QuarantineRow WithoutWeights(string id, string runId, int round, string participant, string workerId, string reason, DateTimeOffset now) => new()
    {
        Id = id,
        RunId = runId,
        Round = round,
        Participant = participant,
        WorkerId = WorkerName.Shown(workerId),
        ReceivedAt = now,
        Reason = reason,
        SampleCount = 0,
        WeightBytes = 0,
    };

    private static string Identity<T>(T message) where T : class =>
        Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(message, IdentityFormat)));

    /// <summary>NaN is one of the reasons to be here.</summary>
    private static readonly JsonSerializerOptions IdentityFormat =
        new() { NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.AllowNamedFloatingPointLiterals };
}
