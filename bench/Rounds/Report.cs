namespace FedQueue.Bench.Rounds;

/// <summary>A Markdown table, a row as soon as it is measured.</summary>
internal static class Report
{
    /// <summary>Memory of the early rounds is still growing: pools fill, code is compiled.</summary>
    private const int EarlyRound = 5;

    public static void Head(Broker? broker)
    {
        Console.WriteLine($"Memory: {(broker is null ? "aggregator and participants, one process" : "the aggregator's process")}; above idle is the peak less what was resident before the run.");
        if (broker is { CountsBytes: true })
            Console.WriteLine("Wire: received and sent by the broker's network interface, so every message counts once in and once for each copy out, with TCP/IP's headers, heartbeats and renewals.");
        Console.WriteLine();
        Console.WriteLine($"| participants | parameters | rounds | median ms | p95 ms | mean ms | wire MB a round | peak MB | above idle MB | MB after round {EarlyRound} | at the end |");
        Console.WriteLine("|---|---|---|---|---|---|---|---|---|---|---|");
    }

    public static void Row(Scenario scenario, Measurement? measurement)
    {
        var head = FormattableString.Invariant($"| {scenario.Participants} | {scenario.ParameterCount:N0} | {scenario.Rounds} |");
        if (measurement is null)
        {
            Console.WriteLine($"{head} not done in time | | | | | | | |");
            return;
        }

        var times = measurement.Milliseconds();
        var wire = measurement.WireBytes is { } bytes ? FormattableString.Invariant($"{bytes / 1e6 / scenario.Rounds:0.000}") : "–";
        Console.WriteLine(FormattableString.Invariant(
            $"{head} {At(times, 0.5):0.0} | {At(times, 0.95):0.0} | {times.Average():0.0} | {wire} | {measurement.PeakMemory / 1e6:0} | {(measurement.PeakMemory - measurement.IdleMemory) / 1e6:0} | {MemoryAfter(measurement, EarlyRound)} | {MemoryAfter(measurement, scenario.Rounds)} |"));
    }

    private static double At(double[] ascending, double share) => ascending[(int)Math.Ceiling(share * ascending.Length) - 1];

    private static string MemoryAfter(Measurement measurement, int round) => round > measurement.Rounds.Count
        ? "–"
        : FormattableString.Invariant($"{measurement.Rounds[round - 1].Memory / 1e6:0}");
}
