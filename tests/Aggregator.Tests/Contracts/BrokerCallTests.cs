using FedQueue.Contracts;

namespace FedQueue.Aggregator.Tests.Contracts;

public sealed class BrokerCallTests
{
    [Fact]
    public async Task A_call_that_the_broker_never_confirms_and_that_hears_no_cancellation_is_given_up()
    {
        var never = new TaskCompletionSource().Task;

        var call = BrokerCall.Limited(_ => never, TimeSpan.FromMilliseconds(50), CancellationToken.None);

        await Assert.ThrowsAsync<TimeoutException>(() => call.WaitAsync(Hang.Limit, CancellationToken.None));
        Assert.True(call.IsCompleted);
    }

    [Fact]
    public async Task A_stop_is_a_stop_and_no_timeout()
    {
        using var stop = new CancellationTokenSource();
        var call = BrokerCall.Limited(_ => new TaskCompletionSource().Task, Hang.Limit, stop.Token);

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
    }

    [Fact]
    public async Task What_went_wrong_is_told_as_it_is()
    {
        var call = BrokerCall.Limited(_ => Task.FromException(new IOException("gone")), Hang.Limit, CancellationToken.None);

        Assert.Equal("gone", (await Assert.ThrowsAsync<IOException>(() => call)).Message);
    }
}
