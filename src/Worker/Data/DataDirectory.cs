using System.IO.Enumeration;
using FedQueue.Contracts;

namespace FedQueue.Worker.Data;

/// <summary>A participant and the file that holds its data.</summary>
internal readonly record struct ParticipantSource(string Participant, string Path);

/// <summary>The participants of a directory: one CSV each, named after it.</summary>
internal static class DataDirectory
{
    /// <summary>The directory's participants in ordinal order, at least one.</summary>
    /// <param name="directory">Its <c>*.csv</c> files are the data; hidden files and subdirectories are passed over.</param>
    /// <param name="patterns">Names or patterns with * and ?, such as <c>client_*</c>, of which one must match; none: every CSV.</param>
    /// <exception cref="DataException">There is no such directory, no such file, or a file's name is no participant's.</exception>
    public static IReadOnlyList<ParticipantSource> List(string directory, params IReadOnlyList<string> patterns)
    {
        if (File.Exists(directory))
            throw new DataException($"{directory} is a file; name the directory that it is in.");
        if (!Directory.Exists(directory))
            throw new NoDataException($"{directory}: there is no such directory; make one with a CSV file for every participant.");

        // Most patterns are names; comparing each file with each of a thousand would take seconds.
        var (open, exact) = (patterns.Where(pattern => pattern.AsSpan().IndexOfAny('*', '?') >= 0).ToList(), patterns.ToHashSet());
        var sources = Files(directory)
            .Select(Source)
            .Where(source => patterns.Count == 0 || exact.Contains(source.Participant)
                || open.Any(pattern => FileSystemName.MatchesSimpleExpression(pattern, source.Participant, ignoreCase: false)))
            .OrderBy(source => source.Participant, StringComparer.Ordinal)
            .ToArray();

        if (sources.Length == 0)
            throw new NoDataException(
                $"{directory} holds no CSV file{(patterns.Count > 0 ? $" that {Cell.List(patterns)} match" : "")}{Others(directory)}; "
                + "put one there for every participant, named after it, such as task_001.csv.");
        foreach (var source in sources)
            RefuseName(source);
        if (ParticipantName.FirstAlike(sources.Select(source => Path.GetFileName(source.Path))) is var (one, other))
            throw new DataException(
                $"{directory} holds {one} and {other}, whose names differ in upper and lower case only; rename one of them, because not every system tells them apart.");
        return sources;
    }

    /// <summary>The participant that a file belongs to.</summary>
    /// <exception cref="DataException">The file's name is no participant's.</exception>
    public static ParticipantSource Of(string path)
    {
        var source = Source(path);
        RefuseName(source);
        return source;
    }

    private static readonly EnumerationOptions AnyCase = new() { MatchCasing = MatchCasing.CaseInsensitive, AttributesToSkip = 0, IgnoreInaccessible = false };

    /// <summary>Names of other files, for a user who has data of another kind.</summary>
    private static string Others(string directory)
    {
        var names = Directory.EnumerateFiles(directory).Select(path => Path.GetFileName(path)!).Where(name => name[0] != '.' && !name.EndsWith(".csv", StringComparison.OrdinalIgnoreCase));
        return names.Take(3).ToList() is { Count: > 0 } others ? $", but {Cell.List(others)}" : "";
    }

    private static string[] Files(string directory)
    {
        try
        {
            return [.. Directory.GetFiles(directory, "*.csv", AnyCase).Where(path => Path.GetFileName(path)[0] != '.')];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DataException($"{directory} cannot be read ({e.Message.TrimEnd('.')}); check its permissions.");
        }
    }

    private static ParticipantSource Source(string path) => new(Path.GetFileNameWithoutExtension(path), path);

    private static void RefuseName(ParticipantSource source)
    {
        if (!ParticipantName.IsValid(source.Participant))
            throw new DataException(
                $"{source.Path}: {Cell.Quoted(source.Participant)} cannot name a participant; rename the file to 1 to "
                + $"{ParticipantName.MaxLength} ASCII letters, digits, '-', '_' or '.'.");
    }
}
