using FedQueue.Contracts;
using MassTransit;

namespace FedQueue.Aggregator.Participants;

internal static class WorkerReply
{
    /// <summary>Answers a request; an answer that does not get through must not hold up the requests of the other workers.</summary>
    public static async Task Reply<T>(this ConsumeContext request, T answer, string workerId, ILogger log) where T : class
    {
        try
        {
            await BrokerCall.Limited(_ => request.RespondAsync(answer), answer, request.CancellationToken);
        }
        catch (TimeoutException exception)
        {
            log.WorkerUnanswered(exception, workerId);
        }
    }
}
