namespace FedQueue.Aggregator;

internal static partial class Log
{
    // Runs 1000-1099, rounds 1100-1199, participants 1200-1299, storage and outbox 1300-1399. Numbers are never reused.

    [LoggerMessage(1000, LogLevel.Information, "Run {RunId} starts: {Present} participants present, goal {Goal}, minimum {Minimum}")]
    public static partial void RunStarted(this ILogger logger, string runId, int present, int goal, int minimum);

    [LoggerMessage(1002, LogLevel.Information, "Run {RunId} completed, model in {Path}")]
    public static partial void RunCompleted(this ILogger logger, string runId, string path);

    [LoggerMessage(1003, LogLevel.Error, "Run {RunId} failed: {Reason}")]
    public static partial void RunFailed(this ILogger logger, string runId, string reason);

    [LoggerMessage(1004, LogLevel.Information, "Run {RunId} had ended before; to train again, set FedQueue:Run:Id to another name")]
    public static partial void RunHadEnded(this ILogger logger, string runId);

    [LoggerMessage(1005, LogLevel.Information, "{Line}")]
    public static partial void ReportLine(this ILogger logger, string line);

    [LoggerMessage(1006, LogLevel.Warning, "Run {RunId} has started with another plan, which it keeps ({Differences}); to train with the new settings, set FedQueue:Run:Id to another name")]
    public static partial void PlanKept(this ILogger logger, string runId, string differences);

    [LoggerMessage(1007, LogLevel.Warning, "Run {RunId} cancelled: {Reason}")]
    public static partial void RunCancelled(this ILogger logger, string runId, string reason);

    [LoggerMessage(1008, LogLevel.Warning, "Run {RunId}: {Warning}")]
    public static partial void ModelDoubtful(this ILogger logger, string runId, string warning);

    [LoggerMessage(1009, LogLevel.Error, "Run {RunId}: its model could not be written to {Path} ({Reason}); it is kept in the database, and GET /api/runs/{RunId}/model gives it")]
    public static partial void ModelNotWritten(this ILogger logger, string runId, string path, string reason);

    [LoggerMessage(1010, LogLevel.Information, "Run {RunId}: drawing the initial weights, {Parameters:N0} parameters; it starts afterwards")]
    public static partial void DrawsInitialWeights(this ILogger logger, string runId, long parameters);

    [LoggerMessage(1100, LogLevel.Information, "Run {RunId} {Place} open: goal {Goal}, minimum {Minimum}, {Participants} participants")]
    public static partial void RoundOpened(this ILogger logger, string runId, string place, int goal, int minimum, int participants);

    [LoggerMessage(1101, LogLevel.Information, "Run {RunId} round {Round}: weights of {Participant} accepted, {Submitted} of {Goal}")]
    public static partial void WeightsAccepted(this ILogger logger, string runId, int round, string participant, int submitted, int goal);

    [LoggerMessage(1102, LogLevel.Warning, "Run {RunId} round {Round}: answer of {Participant} from {WorkerId} quarantined: {Problem}")]
    public static partial void AnswerQuarantined(this ILogger logger, string runId, int round, string participant, string workerId, string problem);

    [LoggerMessage(1103, LogLevel.Warning, "Run {RunId} round {Round}: answer of {Participant} came after the round was closed and was not used")]
    public static partial void SubmissionLate(this ILogger logger, string runId, int round, string participant);

    [LoggerMessage(1104, LogLevel.Warning, "Run {RunId} round {Round}: answer of {Participant} refused, the round was never opened here{Meanwhile}")]
    public static partial void RoundUnknown(this ILogger logger, string runId, int round, string participant, string meanwhile);

    [LoggerMessage(1105, LogLevel.Warning, "Run {RunId} round {Round}: {Participant} on {WorkerId} cannot contribute: {Reason}")]
    public static partial void TrainingFailed(this ILogger logger, string runId, int round, string participant, string workerId, string reason);

    [LoggerMessage(1106, LogLevel.Information, "Run {RunId} {Place} completed with {Contributors} answers; RMSE of its starting weights {Rmse}; SHA-256 {WeightsSha256}")]
    public static partial void RoundCompleted(this ILogger logger, string runId, string place, int contributors, string rmse, string weightsSha256);

    [LoggerMessage(1107, LogLevel.Information, "{Sentence}")]
    public static partial void Waiting(this ILogger logger, string sentence);

    [LoggerMessage(1200, LogLevel.Information, "{Participant} claimed by {WorkerId}")]
    public static partial void ParticipantClaimed(this ILogger logger, string participant, string workerId);

    [LoggerMessage(1201, LogLevel.Information, "{Participant} given back by {WorkerId}")]
    public static partial void ParticipantReleased(this ILogger logger, string participant, string workerId);

    [LoggerMessage(1202, LogLevel.Warning, "{Problem}")]
    public static partial void WorkerRefused(this ILogger logger, string problem);

    [LoggerMessage(1203, LogLevel.Warning, "A {Message} could not be delivered; who asked will ask again{Meanwhile}")]
    public static partial void Unanswered(this ILogger logger, Exception exception, string message, string meanwhile);

    [LoggerMessage(1204, LogLevel.Warning, "A {Message} was refused and had no effect: {Problem}{Meanwhile}")]
    public static partial void MessageRefused(this ILogger logger, string message, string problem, string meanwhile);

    [LoggerMessage(1300, LogLevel.Warning, "Committed messages could not be published; they are kept, and the next try is in {Pause}{Meanwhile}")]
    public static partial void OutboxPaused(this ILogger logger, Exception exception, TimeSpan pause, string meanwhile);

    [LoggerMessage(1301, LogLevel.Error, "{Watch} could not read the database; the next try is in {Interval}")]
    public static partial void LookFailed(this ILogger logger, Exception exception, string watch, TimeSpan interval);

    [LoggerMessage(1302, LogLevel.Error, "{Place} does not work ({Reason}), for {Seconds:0} s now; messages stay in their queues, nothing is acknowledged that is not stored, and the next try is within 3 s")]
    public static partial void StorageAway(this ILogger logger, string place, string reason, double seconds);

    [LoggerMessage(1303, LogLevel.Information, "{Place} works again after {Seconds:0} s")]
    public static partial void StorageBack(this ILogger logger, string place, double seconds);

    [LoggerMessage(1304, LogLevel.Warning, "{Place} does not answer ({Reason}); waiting for it for another {Seconds:0} s")]
    public static partial void WaitingForDatabase(this ILogger logger, string place, string reason, double seconds);

    [LoggerMessage(1305, LogLevel.Warning, "{Place}: what was written could not be brought from its log into the file itself ({Reason}); nothing is lost, the log grows meanwhile, and the next try comes with the next writes")]
    public static partial void LogNotCopied(this ILogger logger, string place, string reason);

    [LoggerMessage(1306, LogLevel.Warning, "This machine's clock is {Seconds:0} s {Where} that of {Place}, which decides on deadlines and leases; set it by NTP")]
    public static partial void ClockDiffers(this ILogger logger, double seconds, string where, string place);

    [LoggerMessage(1401, LogLevel.Information, "Ready. Dashboard and API: {Address}; {Key}")]
    public static partial void Ready(this ILogger logger, string address, string key);

    [LoggerMessage(1400, LogLevel.Debug, "The dashboard could not be opened in advance; the first person to look waits a second longer")]
    public static partial void FirstPageNotOpened(this ILogger logger, Exception exception);
}
