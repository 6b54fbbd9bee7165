using System.Security.Cryptography;
using System.Text;

namespace FedQueue.Contracts;

/// <summary>Derives the id of a round, so that every process and every restart names it alike.</summary>
public static class RoundIdentity
{
    /// <summary>First 16 bytes of the SHA-256 of <c>run/round</c>.</summary>
    public static Guid Of(string runId, int round) =>
        new(SHA256.HashData(Encoding.UTF8.GetBytes($"{runId}/{round}")).AsSpan(0, 16), bigEndian: true);

    /// <summary>A round in words: the one after the last evaluates the final model and has no number for people.</summary>
    public static string PlaceOf(int round, bool evaluateOnly) => evaluateOnly ? "evaluation" : $"round {round}";
}
