namespace FedQueue.Worker.Training;

/// <summary>
/// Threads for work that blocks them to its end, beside the thread pool, which is for messages. All work runs at once, and a thread is used again while there
/// is more: making one takes longer than a message.
/// </summary>
internal static class TrainingThreads
{
    private static readonly TimeSpan KeptFor = TimeSpan.FromSeconds(10);

    private static readonly object Gate = new();

    private static readonly Queue<Task> Waiting = [];

    /// <summary>Threads that wait for work.</summary>
    private static int idle;

    /// <returns>What the work returns or throws, continued elsewhere.</returns>
    public static Task<T> Run<T>(Func<T> work)
    {
        var task = new Task<T>(work, TaskCreationOptions.RunContinuationsAsynchronously);
        lock (Gate)
        {
            Waiting.Enqueue(task);
            if (Waiting.Count > idle)
                new Thread(WorkUntilIdle) { IsBackground = true, Name = "training" }.UnsafeStart();
            else
                Monitor.Pulse(Gate);
        }

        return task;
    }

    private static void WorkUntilIdle()
    {
        while (Take() is { } task)
            task.RunSynchronously(TaskScheduler.Default);
    }

    /// <returns>Null when nothing was to do for a while.</returns>
    private static Task? Take()
    {
        lock (Gate)
        {
            var late = false;
            while (Waiting.Count == 0 && !late)
            {
                idle++;
                late = !Monitor.Wait(Gate, KeptFor);
                idle--;
            }

            return Waiting.TryDequeue(out var task) ? task : null;
        }
    }
}
