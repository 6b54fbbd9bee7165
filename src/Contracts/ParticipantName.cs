namespace FedQueue.Contracts;

/// <summary>The stable name of a data owner: its file's name without extension, and part of its queue's name.</summary>
public static class ParticipantName
{
    /// <summary>Longest name, in characters.</summary>
    public const int MaxLength = 64;

    /// <summary>1 to 64 letters, digits, '-', '_' or '.' of ASCII; run ids follow the same rule.</summary>
    public static bool IsValid(string name) =>
        name.Length is > 0 and <= MaxLength && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.');

    /// <summary>
    /// Two names that differ at most in upper and lower case: what is two to one file system is one to another, and to the bus of one process.
    /// </summary>
    /// <returns>Null when there are none.</returns>
    public static (string One, string Other)? FirstAlike(IEnumerable<string> names) =>
        names.GroupBy(name => name, StringComparer.OrdinalIgnoreCase).Where(alike => alike.Count() > 1)
            .Select(alike => ((string, string)?)(alike.First(), alike.Skip(1).First())).FirstOrDefault();

    /// <summary>The queue on which the participant's worker listens.</summary>
    public static string QueueOf(string participant) => $"fedqueue-participant-{participant}";
}
