using System.Text.RegularExpressions;

namespace FedQueue.Contracts;

/// <summary>
/// What a message may say at most: checked before anything of it is looked up, stored or allocated. Whether it is right is decided later, by who knows the run.
/// </summary>
public static partial class MessageCheck
{
    /// <summary>Longest name of a worker, in characters: a host's name, a random part and a number.</summary>
    public const int LongestWorkerId = 128;

    /// <summary>Longest reason, in characters; a longer one is cut off by its reader.</summary>
    public const int LongestReason = 1_000;

    /// <summary>Most participants of a run, and so most names in a list.</summary>
    public const int MostParticipants = 10_000;

    /// <summary>Most windows that a participant trains or evaluates on.</summary>
    public const int MostWindows = 1_000_000_000;

    /// <summary>Longest part of weights in one message, in bytes.</summary>
    public const int LongestPart = 12_288 << 10;

    /// <returns>What is beyond the limits, as a sentence; null when nothing is, or the message is none that another program sends.</returns>
    public static string? ProblemOf(object message) => message switch
    {
        ClaimParticipant claim => WorkerProblem(claim.WorkerId)
            ?? CountProblem("candidates", claim.Candidates.Count, MostParticipants),
        RenewClaim renewal => WorkerProblem(renewal.WorkerId) ?? ParticipantProblem(renewal.Participant)
            ?? CountProblem("checked plans", renewal.Checked?.Count ?? 0, ParticipantClaimed.MostPlans)
            ?? renewal.Checked?.Select(check => RunProblem(check.RunId) ?? Sha256Problem(check.Key) ?? SpansProblem(check.Spans)).FirstOrDefault(problem => problem is not null),
        ReleaseParticipant release => WorkerProblem(release.WorkerId) ?? ParticipantProblem(release.Participant),
        WeightsSubmitted answer => AnswerProblem(answer.RunId, answer.Round, answer.Participant, answer.WorkerId)
            ?? Sha256Problem(answer.WeightsSha256)
            ?? CountProblem("parts", answer.Parts, int.MaxValue / sizeof(float)),
        ModelEvaluated answer => AnswerProblem(answer.RunId, answer.Round, answer.Participant, answer.WorkerId),
        TrainingFailed answer => AnswerProblem(answer.RunId, answer.Round, answer.Participant, answer.WorkerId),
        LocalModelEvaluated answer => RunProblem(answer.RunId) ?? RoundProblem(answer.Round) ?? ParticipantProblem(answer.Participant) ?? WorkerProblem(answer.WorkerId),
        TrainingProgressed progress => RunProblem(progress.RunId) ?? RoundProblem(progress.Round) ?? ParticipantProblem(progress.Participant)
            ?? (progress.Epoch >= 0 && progress.Epoch <= progress.Epochs ? null : $"Its epoch is {progress.Epoch} of {progress.Epochs}."),
        FetchWeights request => WorkerProblem(request.WorkerId) ?? RunProblem(request.RunId) ?? RoundProblem(request.Round) ?? Sha256Problem(request.WeightsSha256)
            ?? (request.Part >= 1 && request.PartLength is >= 1 and <= LongestPart && (request.Part - 1L) * request.PartLength <= int.MaxValue
                ? null : $"It asks for part {request.Part} of {request.PartLength} bytes; a part has 1 to {LongestPart}."),
        StartRun command => RunProblem(command.RunId),
        StartRound command => RunProblem(command.RunId) ?? RoundProblem(command.Round) ?? IdentityProblem(command.RoundId, command.RunId, command.Round),
        RoundStarted round => RunProblem(round.RunId) ?? RoundProblem(round.Round) ?? IdentityProblem(round.RoundId, round.RunId, round.Round)
            ?? CountProblem("participants", round.Participants.Count, MostParticipants)
            ?? PlanLimits.ProblemOf(round.Training) ?? round.Columns.Problem() ?? PlanLimits.ProblemOf(round.Model, long.MaxValue, "")
            ?? Sha256Problem(round.WeightsSha256)
            ?? (round.PartLength is >= sizeof(float) and <= LongestPart && round.PartLength % sizeof(float) == 0
                ? null : $"Its parts have {round.PartLength} bytes; they may have 4 to {LongestPart}, a multiple of 4.")
            ?? (round.Model.Inputs == round.Columns.Features.Count ? null : $"Its model has {round.Model.Inputs} inputs for {round.Columns.Features.Count} features.")
            ?? (round.Weights.Length == 0 || round.Weights.Length == round.Model.Size() * sizeof(float)
                ? null : $"Its weights have {round.Weights.Length} bytes; its model has {round.Model.Size()} parameters."),
        RunCancelled cancelled => RunProblem(cancelled.RunId),
        RunCompleted completed => RunProblem(completed.RunId),
        RunFailed failed => RunProblem(failed.RunId),
        _ => null,
    };

    /// <returns>A reason that others have given, as long as it may be.</returns>
    public static string Reason(string reason) => reason.Length <= LongestReason ? reason : reason[..(LongestReason - 1)] + "…";

    private static string? AnswerProblem(string runId, int round, string participant, string workerId) =>
        RunProblem(runId) ?? RoundProblem(round) ?? ParticipantProblem(participant) ?? WorkerProblem(workerId);

    private static string? RunProblem(string run) => NameProblem("run", run);

    private static string? ParticipantProblem(string participant) => NameProblem("participant", participant);

    private static string? NameProblem(string what, string? name) =>
        name is not null && ParticipantName.IsValid(name) ? null : $"Its {what} '{Short(name)}' is not 1 to {ParticipantName.MaxLength} letters, digits, '-', '_' or '.'.";

    private static string? WorkerProblem(string? worker) =>
        worker is { Length: >= 1 and <= LongestWorkerId } ? null : $"Its worker '{Short(worker)}' has {worker?.Length ?? 0} characters; it may have 1 to {LongestWorkerId}.";

    private static string? RoundProblem(int round) => round is >= 1 and <= PlanLimits.MostRounds + 1 ? null : $"There is no round {round}.";

    private static string? IdentityProblem(Guid id, string run, int round) =>
        id == RoundIdentity.Of(run, round) ? null : $"Its round's id is not that of run {run} round {round}.";

    private static string? CountProblem(string what, int count, int most) =>
        count >= 0 && count <= most ? null : $"It has {count} {what}; there may be at most {most}.";

    private static string? Sha256Problem(string? sha256) => sha256 is null || Sha256().IsMatch(sha256) ? null : $"'{Short(sha256)}' is no SHA-256 in lower-case hex.";

    private static string? SpansProblem(IReadOnlyList<ColumnSpan>? spans) => spans is null ? null
        : CountProblem("spans of columns", spans.Count, ColumnPlan.MostFeatures + 1)
        ?? spans.Select(SpanProblem).FirstOrDefault(problem => problem is not null)
        ?? (spans.DistinctBy(span => span.Column).Count() == spans.Count ? null : "It has two spans of one column.");

    private static string? SpanProblem(ColumnSpan span) =>
        span.Column is { Length: >= 1 and <= ColumnPlan.LongestName } && span.Count is >= 1 and <= MostWindows
        && double.IsFinite(span.Minimum) && double.IsFinite(span.Maximum) && span.Minimum <= span.Maximum
            ? null : $"The span of column '{Short(span.Column)}' is {span.Minimum} to {span.Maximum} over {span.Count} rows; it must be finite and in order.";

    private static string Short(string? text) => text is null ? "" : text.Length <= 80 ? text : text[..79] + "…";

    [GeneratedRegex("^[0-9a-f]{64}$", RegexOptions.CultureInvariant)]
    private static partial Regex Sha256();
}
