using System.Diagnostics;

namespace FedQueue.Bench.Rounds;

/// <summary>What one combination gave.</summary>
/// <param name="Rounds">End of each round that trained, and memory then.</param>
/// <param name="WireBytes">From the first answer to the end of the evaluating round: as many weights up and down as there are rounds.</param>
/// <param name="IdleMemory">Before there was a run, in bytes.</param>
/// <param name="PeakMemory">In bytes.</param>
internal sealed record Measurement(IReadOnlyList<(long Timestamp, long Memory)> Rounds, long? WireBytes, long IdleMemory, long PeakMemory)
{
    /// <summary>From the end of a round to the end of the next, in ms, ascending; the first round only compiles.</summary>
    public double[] Milliseconds() =>
        [.. Rounds.Zip(Rounds.Skip(1), (a, b) => Stopwatch.GetElapsedTime(a.Timestamp, b.Timestamp).TotalMilliseconds).Order()];
}
