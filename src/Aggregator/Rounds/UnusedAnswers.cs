using FedQueue.Aggregator.Storage;
using FedQueue.Contracts;
using MassTransit;

namespace FedQueue.Aggregator.Rounds;

/// <summary>Answers that come to a round that is closed or was never opened: no effect, but shown in the history and the log.</summary>
internal static class UnusedAnswers
{
    public static EventActivityBinder<RoundState, T> RefuseLate<T>(
        this EventActivityBinder<RoundState, T> binder, Func<T, string> participantOf) where T : class =>
        binder.Then(x =>
        {
            var (round, participant) = (x.Saga, participantOf(x.Message));
            var services = x.GetPayload<IServiceProvider>();
            var db = services.GetRequiredService<FedQueueDbContext>();
            if (round.Submitted.Contains(participant))
            {
                db.Note(round.RunId, round.Round, EventKind.Duplicate, participant, "A second copy arrived after the round was closed.");
                return;
            }

            db.Note(round.RunId, round.Round, EventKind.Late, participant, $"It arrived after the round was closed at {round.ClosedAt:u}.");
            Logger(services).SubmissionLate(round.RunId, round.Round, participant);
        });

    /// <summary>A command that had its effect before; a relay that was killed sends its last message again.</summary>
    public static EventActivityBinder<RoundState, T> NoteCopy<T>(this EventActivityBinder<RoundState, T> binder) where T : class =>
        binder.Then(x => x.GetPayload<IServiceProvider>().GetRequiredService<FedQueueDbContext>()
            .Note(x.Saga.RunId, x.Saga.Round, EventKind.Duplicate, null, $"A second {typeof(T).Name} had no effect."));

    public static Task RefuseUnknown(ConsumeContext<WeightsSubmitted> context) =>
        RefuseUnknown(context, context.Message.RunId, context.Message.Round, context.Message.Participant);

    public static Task RefuseUnknown(ConsumeContext<ModelEvaluated> context) =>
        RefuseUnknown(context, context.Message.RunId, context.Message.Round, context.Message.Participant);

    public static Task RefuseUnknown(ConsumeContext<TrainingFailed> context) =>
        RefuseUnknown(context, context.Message.RunId, context.Message.Round, context.Message.Participant);

    /// <summary>Notes it in the history of a run that is known; a history of its own would fill the disk with runs that never were.</summary>
    private static async Task RefuseUnknown(ConsumeContext context, string runId, int round, string participant)
    {
        var services = context.GetPayload<IServiceProvider>();
        var db = services.GetRequiredService<FedQueueDbContext>();
        if (await db.Queries.Run(db, runId, context.CancellationToken) is not null)
            db.Note(runId, round, EventKind.Unknown, participant, "This aggregator never opened the round.");
        services.GetRequiredService<Refusals>().UnknownRound(runId, round, participant);
    }

    private static ILogger<RoundStateMachine> Logger(IServiceProvider services) =>
        services.GetRequiredService<ILogger<RoundStateMachine>>();
}
