using FedQueue.Worker.Data;
using Microsoft.Extensions.Options;

namespace FedQueue.Worker.Participants;

/// <summary>The participants whose data this process can read, looked up anew every second: files may come while it runs.</summary>
internal sealed class ParticipantSources(IOptions<WorkerOptions> options, TimeProvider clock)
{
    /// <summary>A thousand sessions that begin at once need not read the folder a thousand times.</summary>
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(1);

    private readonly Lock gate = new();
    private IReadOnlyDictionary<string, string>? paths;
    private long readAt;

    /// <exception cref="DataException">There is none.</exception>
    public IReadOnlyCollection<string> List() => [.. Paths().Keys];

    /// <exception cref="DataException">The participant's file has gone.</exception>
    public string PathOf(string participant) =>
        Paths().TryGetValue(participant, out var path) ? path : throw new DataException($"The file of {participant} is no longer there; put it back.");

    private IReadOnlyDictionary<string, string> Paths()
    {
        lock (gate)
        {
            if (paths is null || clock.GetElapsedTime(readAt) >= Fresh)
                (paths, readAt) = (Sources().ToDictionary(source => source.Participant, source => source.Path), clock.GetTimestamp());
            return paths;
        }
    }

    private IReadOnlyList<ParticipantSource> Sources()
    {
        var settings = options.Value;
        if (!string.IsNullOrEmpty(settings.DataFile))
            return [DataDirectory.Of(settings.DataFile)];

        var patterns = settings.Files?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [];
        return DataDirectory.List(settings.DataDirectory, patterns);
    }
}
