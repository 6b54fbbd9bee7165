using FedQueue.Worker.Training;

namespace FedQueue.Worker.Tests.Training;

public class TrainingThreadsTests
{
    [Fact]
    public async Task All_work_runs_at_once()
    {
        using var together = new Barrier(20);

        for (var again = 0; again < 3; again++)
            Assert.All(await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => TrainingThreads.Run(() => together.SignalAndWait(Hang.Limit)))), Assert.True);
    }

    [Fact]
    public async Task A_thread_is_used_again()
    {
        var threads = new HashSet<int>();
        for (var i = 0; i < 50; i++)
            threads.Add(await TrainingThreads.Run(() => Environment.CurrentManagedThreadId));

        // Other tests may have taken it in between.
        Assert.InRange(threads.Count, 1, 40);
    }

    [Fact]
    public async Task What_the_work_throws_is_thrown_and_the_thread_goes_on()
    {
        await Assert.ThrowsAsync<TimeoutException>(() => TrainingThreads.Run<int>(() => throw new TimeoutException()));
        await Assert.ThrowsAsync<OperationCanceledException>(() => TrainingThreads.Run<int>(() => throw new OperationCanceledException()));

        Assert.Equal(1, await TrainingThreads.Run(() => 1));
    }
}
