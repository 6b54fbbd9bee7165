using System.Security.Cryptography;
using FedQueue.Contracts;

namespace FedQueue.Aggregator.Storage;

/// <summary>
/// SHA-256 of weights whose parts come one after the other, taken as they are stored, so that they need not be read again for it. Nothing
/// depends on it: who finds no hash here, after a restart for instance, reads the parts.
/// </summary>
internal sealed class RunningHashes
{
    private readonly Lock gate = new();
    private readonly Dictionary<Whole, (IncrementalHash Hash, int Parts)> hashes = [];

    /// <summary>To be called within the transaction that stores the part.</summary>
    /// <param name="whole">What it is a part of.</param>
    /// <param name="part">From 1. A part that is not the next one ends the hash of the whole.</param>
    /// <param name="weights">The part as it is stored.</param>
    public void Add(Whole whole, int part, ReadOnlySpan<byte> weights)
    {
        lock (gate)
        {
            if (part == 1)
            {
                Drop(whole);
                hashes.Add(whole, (IncrementalHash.CreateHash(HashAlgorithmName.SHA256), 0));
            }

            if (!hashes.TryGetValue(whole, out var known))
                return;
            if (known.Parts != part - 1)
            {
                Drop(whole);
                return;
            }

            known.Hash.AppendData(weights);
            hashes[whole] = known with { Parts = part };
        }
    }

    /// <returns>Lower-case hex; null when not all parts, from the first to the last, were added here.</returns>
    public string? Take(Whole whole, int parts)
    {
        lock (gate)
        {
            var found = hashes.TryGetValue(whole, out var known) && known.Parts == parts ? Convert.ToHexStringLower(known.Hash.GetHashAndReset()) : null;
            Drop(whole);
            return found;
        }
    }

    /// <summary>Of a round that is closed.</summary>
    public void Forget(string runId, int round)
    {
        lock (gate)
            foreach (var whole in hashes.Keys.Where(whole => whole.RunId == runId && whole.Round == round).ToList())
                Drop(whole);
    }

    /// <summary>A transaction was undone, and what it stored is not there.</summary>
    public void ForgetAll()
    {
        lock (gate)
            foreach (var whole in hashes.Keys.ToList())
                Drop(whole);
    }

    private void Drop(Whole whole)
    {
        if (hashes.Remove(whole, out var known))
            known.Hash.Dispose();
    }

    /// <summary>One result of one participant.</summary>
    public readonly record struct Whole(string RunId, int Round, string Participant, string AnnouncedSha256)
    {
        public static Whole Of(WeightsSubmitted part) => new(part.RunId, part.Round, part.Participant, part.WeightsSha256!);
    }
}
