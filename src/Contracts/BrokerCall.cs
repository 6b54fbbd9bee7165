namespace FedQueue.Contracts;

/// <summary>
/// Calls of the broker that end. RabbitMQ.Client may leave a publish whose connection is lost unfinished for ever, and it does not
/// hear the cancellation then (https://github.com/rabbitmq/rabbitmq-dotnet-client/issues/1930); a new one gets through.
/// </summary>
public static class BrokerCall
{
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(5);

    /// <summary>Bytes of weights from which a message is large: two seconds at 256 kbit/s. What is smaller and hangs is sent again as soon as all else.</summary>
    internal const int Large = 64 * 1024;

    /// <summary>Longer than a slow uplink takes for the bytes that the system holds back.</summary>
    private static readonly TimeSpan LongestStandstill = TimeSpan.FromSeconds(30);

    /// <summary>Returns when the call has ended. It may have had its effect although it failed.</summary>
    /// <param name="call">Publishes or answers.</param>
    /// <param name="message">What it sends. With large weights not the whole time is limited, which depends on the network, but that in which nothing moves.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="TimeoutException">The broker did not confirm in time.</exception>
    public static Task Limited(Func<CancellationToken, Task> call, object message, CancellationToken cancellationToken) =>
        WeightsIn(message) < Large ? Limited(call, Shortest, cancellationToken) : WhileItMoves(call, () => BrokerSocket.Sent, LongestStandstill, cancellationToken);

    /// <param name="call">Publishes or answers.</param>
    /// <param name="sent">Grows while it moves.</param>
    /// <param name="standstill">How long nothing may move.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <inheritdoc cref="Limited(Func{CancellationToken, Task}, object, CancellationToken)"/>
    internal static async Task WhileItMoves(Func<CancellationToken, Task> call, Func<long> sent, TimeSpan standstill, CancellationToken cancellationToken)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var sending = call(over.Token);
        for (var before = sent(); !sending.IsCompleted;)
        {
            await Task.WhenAny(sending, Task.Delay(standstill, over.Token));
            cancellationToken.ThrowIfCancellationRequested();
            var now = sent();
            if (!sending.IsCompleted && now == before)
            {
                await over.CancelAsync();
                throw new TimeoutException($"nothing has moved on the connection to RabbitMQ for {standstill.TotalSeconds:0.#} s");
            }

            before = now;
        }

        await over.CancelAsync();
        await sending;
    }

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

    internal static int WeightsIn(object message) => message switch
    {
        RoundStarted round => round.Weights.Length,
        WeightsSubmitted submission => submission.Weights.Length,
        WeightsFetched part => part.Weights.Length,
        _ => 0,
    };
}
