using FedQueue.Contracts;
using MassTransit;

namespace FedQueue.Aggregator.Rounds;

/// <summary>How long the participants' answers were on the queue.</summary>
internal sealed class AnswerObserver(RoundMetrics metrics) : IConsumeObserver
{
    public Task PreConsume<T>(ConsumeContext<T> context) where T : class
    {
        if (ParticipantOf(context.Message) is { } participant && context.GetRetryAttempt() == 0)
            metrics.QueueWait.Record(context, context.Message, participant);
        return Task.CompletedTask;
    }

    public Task PostConsume<T>(ConsumeContext<T> context) where T : class => Task.CompletedTask;

    public Task ConsumeFault<T>(ConsumeContext<T> context, Exception exception) where T : class => Task.CompletedTask;

    private static string? ParticipantOf(object message) => message switch
    {
        WeightsSubmitted submission => submission.Participant,
        ModelEvaluated evaluation => evaluation.Participant,
        TrainingFailed failure => failure.Participant,
        _ => null,
    };
}
