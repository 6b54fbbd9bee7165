namespace FedQueue.Contracts;

/// <summary>The stable name of a data owner: its file's name without extension, and part of its queue's name.</summary>
public static class ParticipantName
{
    /// <summary>Longest name, in characters.</summary>
    public const int MaxLength = 64;

    /// <summary>1 to 64 letters, digits, '-', '_' or '.' of ASCII; run ids follow the same rule.</summary>
    public static bool IsValid(string name) =>
        name.Length is > 0 and <= MaxLength && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.');

    /// <summary>The queue on which the participant's worker listens.</summary>
    public static string QueueOf(string participant) => $"fedqueue-participant-{participant}";
}
