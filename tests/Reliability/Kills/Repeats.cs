namespace FedQueue.Reliability.Kills;

/// <summary>A worker's word that it begins to train.</summary>
internal sealed record Beginning(string RunId, int Round, string Participant, Life By, DateTimeOffset At);

/// <summary>A training that had begun before.</summary>
/// <param name="Training">The later beginning.</param>
/// <param name="Fault">Null when it is excused: whoever had begun it before was killed before it could give its result away.</param>
internal sealed record Repeat(Beginning Training, string? Fault);

/// <summary>Finds trainings that were done twice, and those that nobody's death excuses.</summary>
internal static class Repeats
{
    public static IReadOnlyList<Repeat> Among(IEnumerable<Beginning> beginnings, IEnumerable<Stored> submissions)
    {
        var storedAt = submissions.ToDictionary(s => (s.RunId, s.Round, s.Participant), s => s.At);
        return
        [
            .. beginnings.GroupBy(b => (b.RunId, b.Round, b.Participant)).SelectMany(training =>
            {
                var inOrder = training.OrderBy(b => b.At).ToList();
                return inOrder.Skip(1).Select((later, index) => new Repeat(later, FaultOf(later, inOrder[..(index + 1)])));
            }),
        ];

        string? FaultOf(Beginning later, List<Beginning> earlier)
        {
            if (storedAt.TryGetValue((later.RunId, later.Round, later.Participant), out var stored) && stored < later.At)
                return $"its submission had been stored {Seconds(later.At - stored)} before, trained by {string.Join(", ", earlier.Select(b => b.By))}";

            // A life that is killed later could still have given its result.
            var alive = earlier.FindLast(b => !(b.By.KilledAt < later.At));
            return alive is null ? null : $"{alive.By}, which had begun it {Seconds(later.At - alive.At)} before, was alive";
        }
    }

    private static string Seconds(TimeSpan time) => FormattableString.Invariant($"{time.TotalSeconds:0.0} s");
}
