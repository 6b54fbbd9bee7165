using System.Numerics;
using FedQueue.Aggregator.Storage;
using FedQueue.Contracts;

namespace FedQueue.Aggregator.Rounds;

/// <summary>Checks an answer before it may change anything.</summary>
internal static class SubmissionCheck
{
    /// <returns>Why the weights cannot be used, as a sentence; null when they can.</returns>
    public static string? ProblemOf(WeightsSubmitted message, RoundState round, ModelPlan model, ParticipantRow? holder)
    {
        if ((PlaceProblem(message.RunId, message.Round, round) ?? WhoProblem(message.Participant, round) ?? HolderProblem(message.Participant, message.WorkerId, holder)) is { } who)
            return who;
        if (round.EvaluateOnly)
            return $"Round {round.Round} only evaluates, so it takes no weights.";
        if (message.SampleCount is < 1 or > MessageCheck.MostWindows)
            return $"It was trained on {message.SampleCount} windows; 1 to {MessageCheck.MostWindows} are possible.";

        if (LengthProblem(message, model.ParameterCount(), round.PartLength) is { } length)
            return length;

        var weights = WeightBytes.AsFloats(message.Weights.Span);
        var bad = IndexOfNotFinite(weights);
        if (bad >= 0)
            return $"Weight {bad} is {weights[bad]}; only finite weights can be averaged.";

        return ErrorProblem(message.GlobalError) ?? ErrorProblem(message.LocalError) ?? message.Forecast?.Problem();
    }

    /// <returns>Why the evaluation cannot be used, as a sentence; null when it can.</returns>
    public static string? ProblemOf(ModelEvaluated message, RoundState round, ParticipantRow? holder) =>
        PlaceProblem(message.RunId, message.Round, round)
        ?? WhoProblem(message.Participant, round)
        ?? HolderProblem(message.Participant, message.WorkerId, holder)
        ?? (round.EvaluateOnly ? null : $"Round {round.Round} trains, so an evaluation alone does not answer it.")
        ?? ErrorProblem(message.GlobalError)
        ?? SameWindowsProblem(message.RepeatLastError, message.GlobalError)
        ?? SameWindowsProblem(message.MeanError, message.GlobalError)
        ?? message.Forecast?.Problem();

    /// <returns>Why the errors of a model of one's own cannot be used, as a sentence; null when they can.</returns>
    public static string? ProblemOf(LocalModelEvaluated message, RunRow run, ParticipantRow? holder) =>
        HolderProblem(message.Participant, message.WorkerId, holder)
        ?? (run.Plan().CompareLocal ? null : $"Nobody asked for models of one's own in run {run.Id}.")
        ?? ErrorProblem(message.Error);

    /// <returns>Why the failure does not count, as a sentence; null when it does.</returns>
    public static string? ProblemOf(TrainingFailed message, RoundState round, ParticipantRow? holder) =>
        PlaceProblem(message.RunId, message.Round, round) ?? HolderProblem(message.Participant, message.WorkerId, holder);

    /// <returns>Why this worker may not answer for the participant; null when it may.</returns>
    private static string? HolderProblem(string participant, string workerId, ParticipantRow? holder) =>
        holder?.MayAnswer(workerId) == true
            ? null
            : $"{WorkerName.Shown(workerId)} does not hold {participant}: {(holder?.WorkerId is null ? "nobody does" : "another worker does")}.";

    /// <summary>x − x is 0 for what is finite, and NaN for all else, which stays in the sum.</summary>
    private static int IndexOfNotFinite(ReadOnlySpan<float> weights)
    {
        var (i, sum) = (0, Vector<float>.Zero);
        for (; i <= weights.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            var some = new Vector<float>(weights[i..]);
            sum += some - some;
        }

        if (Vector.EqualsAll(sum, Vector<float>.Zero))
            weights = weights[i..];
        else
            i = 0;
        for (var j = 0; j < weights.Length; j++)
            if (!float.IsFinite(weights[j]))
                return i + j;
        return -1;
    }

    private static string? LengthProblem(WeightsSubmitted message, int parameters, int partLength)
    {
        var whole = parameters * sizeof(float);
        var parts = WeightParts.Count(whole, partLength);
        if (message.Parts != parts || message.Part < 1 || message.Part > parts)
            return $"It is part {message.Part} of {message.Parts}; the model's {whole} bytes are {parts} of at most {partLength} bytes.";
        if (parts == 1)
            return message.Weights.Length == whole
                ? null
                : $"The weights have {message.Weights.Length} bytes; the model has {parameters} parameters, {whole} bytes.";

        if (message.WeightsSha256 is not { Length: 64 })
            return $"Part {message.Part} of {parts} does not say the SHA-256 of the whole.";

        var expected = WeightParts.LengthOf(whole, message.Part, partLength);
        return message.Weights.Length == expected ? null : $"Part {message.Part} of {parts} has {message.Weights.Length} bytes instead of {expected}.";
    }

    /// <summary>The round was found by its id; what the answer says beside the id must say the same.</summary>
    private static string? PlaceProblem(string runId, int number, RoundState round) =>
        runId == round.RunId && number == round.Round ? null : $"It says run {runId} round {number}, but has the id of run {round.RunId} round {round.Round}.";

    private static string? WhoProblem(string participant, RoundState round) =>
        round.Participants.Contains(participant)
            ? null
            : $"{participant} is not among the participants of round {round.Round}: {NameList.Of(round.Participants)}.";

    /// <summary>For what the worker may leave out.</summary>
    private static string? SameWindowsProblem(HeldOutError? error, HeldOutError beside) => error is null ? null
        : ErrorProblem(error)
        ?? (error.WindowCount == beside.WindowCount ? null : $"Its errors are of {error.WindowCount} windows beside {beside.WindowCount}; they must be of the same.");

    private static string? ErrorProblem(HeldOutError error) =>
        error.WindowCount is < 0 or > MessageCheck.MostWindows || !double.IsFinite(error.MeanSquaredError) || !double.IsFinite(error.MeanAbsoluteError)
            ? $"Its errors are MSE {error.MeanSquaredError}, MAE {error.MeanAbsoluteError} on {error.WindowCount} windows; they must be finite, on 0 to {MessageCheck.MostWindows} windows."
            : null;
}
