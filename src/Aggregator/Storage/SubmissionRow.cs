using System.Linq.Expressions;
using FedQueue.Contracts;

namespace FedQueue.Aggregator.Storage;

/// <summary>One participant's answer to one round; the key makes a second copy impossible.</summary>
internal sealed class SubmissionRow
{
    public required string RunId { get; init; }
    public required int Round { get; init; }
    public required string Participant { get; init; }
    public required Guid RoundId { get; init; }
    public required string WorkerId { get; init; }
    public required DateTimeOffset ReceivedAt { get; init; }

    /// <summary>Windows trained on; 0 in the evaluating round.</summary>
    public int SampleCount { get; init; }

    /// <summary>Null in the evaluating round, when they are no longer kept, and when they are <see cref="SubmissionPartRow"/>s.</summary>
    public byte[]? Weights { get; init; }

    /// <summary>Number of <see cref="SubmissionPartRow"/>s that have the weights; 0 when <see cref="Weights"/> has them, or nobody.</summary>
    public int Parts { get; init; }

    public string? WeightsSha256 { get; init; }
    public required int HeldOutWindows { get; init; }
    public required double GlobalMse { get; init; }
    public required double GlobalMae { get; init; }
    public double? LocalMse { get; init; }
    public double? LocalMae { get; init; }
    public double? TrainingLoss { get; init; }
    public double? TrainingSeconds { get; init; }

    /// <summary>All but the weights.</summary>
    public static readonly Expression<Func<SubmissionRow, SubmissionRow>> Facts = row => new SubmissionRow
    {
        RunId = row.RunId,
        Round = row.Round,
        Participant = row.Participant,
        RoundId = row.RoundId,
        WorkerId = row.WorkerId,
        ReceivedAt = row.ReceivedAt,
        SampleCount = row.SampleCount,
        Parts = row.Parts,
        WeightsSha256 = row.WeightsSha256,
        HeldOutWindows = row.HeldOutWindows,
        GlobalMse = row.GlobalMse,
        GlobalMae = row.GlobalMae,
        LocalMse = row.LocalMse,
        LocalMae = row.LocalMae,
        TrainingLoss = row.TrainingLoss,
        TrainingSeconds = row.TrainingSeconds,
    };

    public HeldOutError GlobalError() =>
        new() { WindowCount = HeldOutWindows, MeanSquaredError = GlobalMse, MeanAbsoluteError = GlobalMae };

    public static SubmissionRow For(WeightsSubmitted message, DateTimeOffset now) => new()
    {
        RunId = message.RunId,
        Round = message.Round,
        Participant = message.Participant,
        RoundId = message.RoundId,
        WorkerId = message.WorkerId,
        ReceivedAt = now,
        SampleCount = message.SampleCount,
        Weights = message.Parts > 1 ? null : message.Weights.ToArray(),
        Parts = message.Parts > 1 ? message.Parts : 0,
        WeightsSha256 = message.Parts > 1 ? message.WeightsSha256 : WeightBytes.Sha256(message.Weights.Span),
        HeldOutWindows = message.GlobalError.WindowCount,
        GlobalMse = message.GlobalError.MeanSquaredError,
        GlobalMae = message.GlobalError.MeanAbsoluteError,
        LocalMse = message.LocalError.MeanSquaredError,
        LocalMae = message.LocalError.MeanAbsoluteError,
        TrainingLoss = message.TrainingLoss,
        TrainingSeconds = message.TrainingTime.TotalSeconds,
    };

    public static SubmissionRow For(ModelEvaluated message, DateTimeOffset now) => new()
    {
        RunId = message.RunId,
        Round = message.Round,
        Participant = message.Participant,
        RoundId = message.RoundId,
        WorkerId = message.WorkerId,
        ReceivedAt = now,
        HeldOutWindows = message.GlobalError.WindowCount,
        GlobalMse = message.GlobalError.MeanSquaredError,
        GlobalMae = message.GlobalError.MeanAbsoluteError,
    };
}
