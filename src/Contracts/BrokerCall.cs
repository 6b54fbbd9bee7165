namespace FedQueue.Contracts;

/// <summary>
/// Calls of the broker that end. RabbitMQ.Client may leave a publish whose connection is lost unfinished for ever, and it does not
/// hear the cancellation then (https://github.com/rabbitmq/rabbitmq-dotnet-client/issues/1930); a new one gets through.
/// </summary>
public static class BrokerCall
{
    private const double BytesPerSecond = 1e6;

    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(5);

    /// <summary>Returns when the call has ended. It may have had its effect although it failed.</summary>
    /// <param name="call">Publishes or answers.</param>
    /// <param name="message">What it sends; large weights have more time.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="TimeoutException">The broker did not confirm in time.</exception>
    public static Task Limited(Func<CancellationToken, Task> call, object message, CancellationToken cancellationToken) =>
        Limited(call, Shortest + TimeSpan.FromSeconds(WeightsIn(message) / BytesPerSecond), cancellationToken);

    /// <inheritdoc cref="Limited(Func{CancellationToken, Task}, object, CancellationToken)"/>
    /// <param name="call">Publishes or answers.</param>
    /// <param name="limit">How long it may take.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public static async Task Limited(Func<CancellationToken, Task> call, TimeSpan limit, CancellationToken cancellationToken)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        over.CancelAfter(limit);
        try
        {
            await call(over.Token).WaitAsync(over.Token);
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"RabbitMQ did not confirm within {limit.TotalSeconds:0.#} s");
        }
    }

    private static int WeightsIn(object message) => message switch
    {
        RoundStarted round => round.Weights.Length,
        WeightsSubmitted submission => submission.Weights.Length,
        WeightsFetched part => part.Weights.Length,
        _ => 0,
    };
}
