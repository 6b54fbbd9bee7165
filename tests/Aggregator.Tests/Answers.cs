using FedQueue.Aggregator.Rounds;
using FedQueue.Contracts;

namespace FedQueue.Aggregator.Tests;

/// <summary>Plans, and answers of participants that train nothing.</summary>
internal static class Answers
{
    /// <summary>The smallest model there is: one input, one unit, 18 parameters.</summary>
    public static RunPlan Plan(int rounds = 1, int participants = 3) => new()
    {
        Rounds = rounds,
        Units = 1,
        Participants = participants,
        Columns = new ColumnPlan { Features = ["Progress"], Window = 2 },
    };

    public static readonly int ParameterCount = Plan().Model().ParameterCount();

    /// <summary>Weights whose every value is the same.</summary>
    public static WeightsSubmitted Weights(RoundState round, string participant, float value, int samples = 10, double mse = 4) => new()
    {
        RoundId = round.CorrelationId,
        RunId = round.RunId,
        Round = round.Round,
        Participant = participant,
        WorkerId = $"worker-of-{participant}",
        SampleCount = samples,
        Weights = WeightBytes.From(Enumerable.Repeat(value, ParameterCount).ToArray()),
        GlobalError = Error(mse),
        LocalError = Error(mse / 2),
        TrainingLoss = 0.1,
        TrainingTime = TimeSpan.FromSeconds(1),
    };

    public static ModelEvaluated Evaluation(RoundState round, string participant, double mse) => new()
    {
        RoundId = round.CorrelationId,
        RunId = round.RunId,
        Round = round.Round,
        Participant = participant,
        WorkerId = $"worker-of-{participant}",
        GlobalError = Error(mse),
    };

    public static TrainingFailed Failure(RoundState round, string participant, string reason) => new()
    {
        RoundId = round.CorrelationId,
        RunId = round.RunId,
        Round = round.Round,
        Participant = participant,
        WorkerId = $"worker-of-{participant}",
        Reason = reason,
    };

    public static HeldOutError Error(double mse, int windows = 5) =>
        new() { WindowCount = windows, MeanSquaredError = mse, MeanAbsoluteError = Math.Sqrt(mse) };
}
