namespace FedQueue.Aggregator.Storage;

/// <summary>
/// Brings SQLite's log to the disk, once for all commits that it holds by then. With <c>synchronous = NORMAL</c> a commit only
/// writes the log, which survives the process but not the machine; what waits for the flush after it survives both.
/// </summary>
internal sealed class SharedFlush : IDisposable
{
    private readonly SemaphoreSlim flushing = new(1);
    private long written;
    private long flushed;

    /// <summary>One transaction at a time; SQLite's own way to wait for its writer's lock is to sleep.</summary>
    public SemaphoreSlim Writing { get; } = new(1);

    /// <summary>To be called after a commit, while <see cref="Writing"/> is held.</summary>
    public void Written() => Interlocked.Increment(ref written);

    /// <summary>Returns when everything that was written before the call is on the disk.</summary>
    /// <param name="database">Path of the SQLite file.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="IOException">The disk did not take it.</exception>
    public async Task Flush(string database, CancellationToken cancellationToken)
    {
        var mine = Interlocked.Read(ref written);
        if (Interlocked.Read(ref flushed) >= mine)
            return;

        await flushing.WaitAsync(cancellationToken);
        try
        {
            // Whoever had the turn before may have brought mine along.
            if (flushed >= mine)
                return;
            var all = Interlocked.Read(ref written);
            ToDisk(database);
            Interlocked.Exchange(ref flushed, all);
        }
        finally
        {
            flushing.Release();
        }
    }

    public void Dispose()
    {
        flushing.Dispose();
        Writing.Dispose();
    }

    /// <summary>
    /// SQLite's locks lie on the database and on its index, so opening and closing the log beside it releases none. A log that is
    /// not there was copied into the database, which SQLite flushes itself.
    /// </summary>
    private static void ToDisk(string database)
    {
        // In memory, as the simulation has it.
        if (database.Length == 0)
            return;

        try
        {
            // The log lies beside the file that a link points to.
            var log = (File.ResolveLinkTarget(database, returnFinalTarget: true)?.FullName ?? database) + "-wal";
            using var handle = File.OpenHandle(log, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
            RandomAccess.FlushToDisk(handle);
        }
        catch (FileNotFoundException)
        {
            // See above.
        }
    }
}
