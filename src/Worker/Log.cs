namespace FedQueue.Worker;

internal static partial class Log
{
    // Claims 2000-2099, rounds and training 2100-2199. Numbers are never reused.

    [LoggerMessage(2000, LogLevel.Information, "{WorkerId} stands by and keeps asking: {Why}")]
    public static partial void StandingBy(this ILogger logger, string workerId, string why);

    [LoggerMessage(2001, LogLevel.Information, "{WorkerId} holds {Participant}")]
    public static partial void Claimed(this ILogger logger, string workerId, string participant);

    [LoggerMessage(2002, LogLevel.Warning, "{WorkerId} lost {Participant}: {Reason}")]
    public static partial void LeaseLost(this ILogger logger, string workerId, string participant, string reason);

    [LoggerMessage(2003, LogLevel.Warning, "{WorkerId}: no aggregator renewed the lease on {Participant} within {Within}; training goes on and the renewal is repeated{Meanwhile}")]
    public static partial void RenewalUnanswered(this ILogger logger, string workerId, string participant, TimeSpan within, string meanwhile);

    [LoggerMessage(2004, LogLevel.Warning, "{WorkerId}: the lease on {Participant} could not be renewed; training goes on, and the next try is in {Interval}{Meanwhile}")]
    public static partial void RenewalFailed(this ILogger logger, Exception exception, string workerId, string participant, TimeSpan interval, string meanwhile);

    [LoggerMessage(2006, LogLevel.Warning, "{Participant} cannot take part in run {RunId}: {Problem} It is looked at again when the file has changed")]
    public static partial void CannotTakePart(this ILogger logger, string participant, string runId, string problem);

    [LoggerMessage(2007, LogLevel.Warning, "{Participant}: a round that it was told is refused: {Problem}{Meanwhile}")]
    public static partial void RoundRefused(this ILogger logger, string participant, string problem, string meanwhile);

    [LoggerMessage(2100, LogLevel.Information, "{Participant}: run {RunId} {Place} answered with {Answer}")]
    public static partial void Answered(this ILogger logger, string participant, string runId, string place, string answer);

    [LoggerMessage(2101, LogLevel.Information, "{Participant}: not among the participants of run {RunId} {Place}; waiting for the next round")]
    public static partial void NotInRound(this ILogger logger, string participant, string runId, string place);

    [LoggerMessage(2102, LogLevel.Information, "{Participant}: left run {RunId} {Place} before its end")]
    public static partial void RoundLeft(this ILogger logger, string participant, string runId, string place);

    [LoggerMessage(2103, LogLevel.Error, "{Participant}: run {RunId} {Place} cannot be trained")]
    public static partial void TrainingFailed(this ILogger logger, Exception exception, string participant, string runId, string place);

    [LoggerMessage(2117, LogLevel.Error, "{Participant}: run {RunId} {Place} cannot be trained: {Reason}")]
    public static partial void CannotTrain(this ILogger logger, string participant, string runId, string place, string reason);

    [LoggerMessage(2118, LogLevel.Warning, "{Participant}: the ranges of its columns could not be written to {Folder}; who predicts with the model then scales with --scale-from")]
    public static partial void RangesNotKept(this ILogger logger, Exception exception, string participant, string folder);

    [LoggerMessage(2104, LogLevel.Warning, "{Participant}: the answer did not get over the uplink to the broker; it is kept, and the next try is in {Pause}{Meanwhile}")]
    public static partial void AnswerUnsent(this ILogger logger, Exception exception, string participant, TimeSpan pause, string meanwhile);

    [LoggerMessage(2105, LogLevel.Debug, "{Participant}: progress could not be published")]
    public static partial void ProgressLost(this ILogger logger, Exception exception, string participant);

    [LoggerMessage(2106, LogLevel.Information, "{Participant}: {Rows} rows, {Training} training and {HeldOut} held-out windows")]
    public static partial void DataRead(this ILogger logger, string participant, int rows, int training, int heldOut);

    [LoggerMessage(2107, LogLevel.Information, "{Participant}: {Note}")]
    public static partial void DataNoted(this ILogger logger, string participant, string note);

    [LoggerMessage(2108, LogLevel.Information, "{Participant}: run {RunId} round {Round} training begins")]
    public static partial void TrainingBegins(this ILogger logger, string participant, string runId, int round);

    [LoggerMessage(2109, LogLevel.Information, "{Participant}: run {RunId} is trained by {Engine}, {Why}")]
    public static partial void EngineChosen(this ILogger logger, string participant, string runId, string engine, string why);

    [LoggerMessage(2116, LogLevel.Warning, "{Participant}: this processor has no fused multiply-add, so engine simd trains run {RunId} about a hundred times slower than elsewhere; start the next run with engine torch")]
    public static partial void SimdIsSlow(this ILogger logger, string participant, string runId);

    [LoggerMessage(2110, LogLevel.Warning, "{Participant}: part {Part} of the global weights of run {RunId} round {Round} did not come; the next try is in {Pause}{Meanwhile}")]
    public static partial void WeightsNotFetched(this ILogger logger, Exception exception, string participant, string runId, int round, int part, TimeSpan pause, string meanwhile);

    [LoggerMessage(2111, LogLevel.Warning, "{Participant}: the global weights of run {RunId} round {Round} have SHA-256 {Sha256} instead of {Announced}; they are fetched again in {Pause}")]
    public static partial void WeightsUnlikeAnnounced(this ILogger logger, string participant, string runId, int round, string sha256, string? announced, TimeSpan pause);

    [LoggerMessage(2112, LogLevel.Information, "{Participant}: run {RunId} is over; its own model is trained for {Epochs} epochs, to compare")]
    public static partial void OwnModelBegins(this ILogger logger, string participant, string runId, int epochs);

    [LoggerMessage(2113, LogLevel.Information, "{Participant}: its own model of {Epochs} epochs has RMSE {Rmse} beside run {RunId}")]
    public static partial void OwnModelEvaluated(this ILogger logger, string participant, string runId, int epochs, double rmse);

    [LoggerMessage(2114, LogLevel.Information, "{Participant}: its own model was left unfinished beside run {RunId}, for something else to do")]
    public static partial void OwnModelLeft(this ILogger logger, string participant, string runId);

    [LoggerMessage(2115, LogLevel.Warning, "{Participant}: there is no model of its own beside run {RunId}")]
    public static partial void OwnModelFailed(this ILogger logger, Exception exception, string participant, string runId);
}
