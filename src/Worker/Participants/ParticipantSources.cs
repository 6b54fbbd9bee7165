using FedQueue.Worker.Data;
using Microsoft.Extensions.Options;

namespace FedQueue.Worker.Participants;

/// <summary>The participants whose data this process can read, looked up anew each time: files may come while it runs.</summary>
internal sealed class ParticipantSources(IOptions<WorkerOptions> options)
{
    /// <exception cref="DataException">There is none.</exception>
    public IReadOnlyList<string> List() => [.. Sources().Select(source => source.Participant)];

    public string PathOf(string participant) => Sources().First(source => source.Participant == participant).Path;

    private IReadOnlyList<ParticipantSource> Sources()
    {
        var settings = options.Value;
        if (!string.IsNullOrEmpty(settings.DataFile))
            return [DataDirectory.Of(settings.DataFile)];

        var patterns = settings.Files?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [];
        return DataDirectory.List(settings.DataDirectory, patterns);
    }
}
