using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using FedQueue.Cli.Simulation.Comparisons;
using FedQueue.Contracts;
using FedQueue.Worker.Data;

namespace FedQueue.Cli.Simulation;

/// <summary>
/// What a run needs to go on and its database does not know, because an aggregator never sees data: <c>simulation.json</c>
/// beside the database.
/// </summary>
internal sealed record SimulationFile
{
    public const string Name = "simulation.json";

    private const int NewestVersion = 1;

    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    /// <summary>Version of the file's format, 1.</summary>
    public int Version { get; init; } = NewestVersion;

    /// <summary>Id of the run.</summary>
    public required string Run { get; init; }

    /// <summary>Full path of the folder that held the participants' files when the run began.</summary>
    public required string Data { get; init; }

    /// <summary>Those who take part, in ordinal order.</summary>
    public required IReadOnlyList<ParticipantData> Participants { get; init; }

    /// <summary>Comparison that was asked for.</summary>
    public Compared Compare { get; init; } = Compared.Local;

    /// <summary>Folder of the page about the completed run; null: none.</summary>
    public string? Report { get; init; }

    public static SimulationFile Of(string runId, string dataDirectory, IEnumerable<ParticipantSource> participants) => new()
    {
        Run = runId,
        Data = Path.GetFullPath(dataDirectory),
        Participants =
        [
            .. participants.Select(source => new ParticipantData(source.Participant, Path.GetFileName(source.Path), Sha256Of(source.Path))),
        ],
    };

    /// <summary>Writes the file at once and to the disk: a run that is stored has it whole.</summary>
    /// <exception cref="StartupException">It cannot be written.</exception>
    public void Write(string folder)
    {
        var path = Path.Combine(folder, Name);
        var unfinished = path + ".part";
        try
        {
            using (var file = File.Create(unfinished))
            {
                JsonSerializer.Serialize(file, this, Format);
                file.Flush(flushToDisk: true);
            }

            File.Move(unfinished, path, overwrite: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new StartupException(
                $"{path} cannot be written ({exception.Message.TrimEnd('.')}); check permissions and room on the disk, or name another folder with --out.");
        }
    }

    /// <exception cref="StartupException">The file is missing or is not one of this program's.</exception>
    public static SimulationFile Read(string folder)
    {
        var path = Path.Combine(folder, Name);
        try
        {
            var file = JsonSerializer.Deserialize<SimulationFile>(File.ReadAllBytes(path), Format);
            return file is null ? throw new JsonException("it is empty") : file.Problem() is { } problem ? throw new JsonException(problem) : file;
        }
        catch (FileNotFoundException)
        {
            throw new StartupException($"{path} is missing, so it is not known on which data the run trains; put the file back, or start a new run.");
        }
        catch (Exception exception) when (exception is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new StartupException(
                $"{path} cannot be read ({exception.Message.TrimEnd('.')}); put the file back as it was, or start a new run.");
        }
    }

    /// <returns>What does not make sense, for it may have been written by hand; null when all does.</returns>
    private string? Problem()
    {
        if (Version != NewestVersion)
            return $"its version is {Version}, not {NewestVersion}";
        if (Participants.Count == 0)
            return "it names no participant";
        if (Participants.FirstOrDefault(p => !ParticipantName.IsValid(p.Participant)) is { } nameless)
            return $"'{nameless.Participant}' cannot name a participant";
        if (ParticipantName.FirstAlike(Participants.Select(p => p.Participant)) is var (one, other))
            return $"the participants '{one}' and '{other}' differ at most in upper and lower case";
        return Participants.FirstOrDefault(p => p.File != Path.GetFileName(p.File) || p.File is "" or "." or "..") is { } outside
            ? $"the file of {outside.Participant} is '{outside.File}', which is no name of a file in the data's folder"
            : null;
    }

    /// <returns>Each participant's file in a folder.</returns>
    public IReadOnlyDictionary<string, string> PathsIn(string directory) => Participants.ToDictionary(p => p.Participant, p => Path.Combine(directory, p.File));

    /// <summary>Makes sure that every participant's file has the bytes with which the run began.</summary>
    /// <param name="directory">Folder that holds the files now.</param>
    /// <exception cref="DataException">A file is missing or its bytes are others.</exception>
    public void RequireUnchanged(string directory)
    {
        foreach (var participant in Participants)
        {
            var path = Path.Combine(directory, participant.File);
            if (!File.Exists(path))
                throw new DataException(
                    $"{path} is missing, and run {Run} trains on it; put the file back, or name the folder that holds it with --data.");
            if (Sha256Of(path) != participant.Sha256)
                throw new DataException(
                    $"{path} has changed since run {Run} began, which could not end with the same weights any more; put the file back as it was "
                    + $"(SHA-256 {participant.Sha256}), or start a new run.");
        }
    }

    private static string Sha256Of(string path)
    {
        try
        {
            ParticipantFile.RefuseOther(path);
            using var file = File.OpenRead(path);
            return Convert.ToHexStringLower(SHA256.HashData(file));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new DataException($"{path} cannot be read ({exception.Message.TrimEnd('.')}); check the file and its permissions.");
        }
    }
}

/// <summary>One participant's file.</summary>
/// <param name="Participant">Owner of the data.</param>
/// <param name="File">Name of the file in the data folder.</param>
/// <param name="Sha256">Of its bytes when the run began, lower-case hex.</param>
internal sealed record ParticipantData(string Participant, string File, string Sha256);
