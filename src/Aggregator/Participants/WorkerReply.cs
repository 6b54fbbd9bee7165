using FedQueue.Contracts;
using MassTransit;

namespace FedQueue.Aggregator.Participants;

internal static class WorkerReply
{
    /// <summary>Answers a request. What was decided stays decided when the answer does not get through: the worker asks again, and the others are answered meanwhile.</summary>
    public static async Task Reply<T>(this ConsumeContext request, T answer, Refusals refusals) where T : class
    {
        try
        {
            await BrokerCall.Limited(_ => ReplyAddress.Respond(request, answer), answer, request.CancellationToken);
        }
        catch (Exception exception) when (!request.CancellationToken.IsCancellationRequested)
        {
            refusals.Unanswered(typeof(T).Name, exception);
        }
    }
}
