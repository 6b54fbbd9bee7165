using FedQueue.Contracts;

namespace FedQueue.Aggregator.Storage;

/// <summary>Keeps a second aggregator off an SQLite file. The lock goes with the process, however that ends.</summary>
internal sealed class StorageLock(IConfiguration configuration) : IDisposable
{
    private FileStream? held;

    /// <exception cref="StartupException">Another process has it.</exception>
    public void Take(string database)
    {
        if (held is not null)
            return;
        try
        {
            held = new FileStream(database + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException exception) when (exception.GetType() == typeof(IOException) && File.Exists(database + ".lock"))
        {
            throw new StartupException(
                $"The database {database} is in use by another FedQueue; stop that one first"
                + (Transport.IsInMemory(configuration) ? "." : ", or share a PostgreSQL database (FedQueue:Storage:Provider)."));
        }
    }

    public void Dispose() => held?.Dispose();
}
