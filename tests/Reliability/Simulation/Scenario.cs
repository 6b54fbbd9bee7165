using FedQueue.Contracts;

namespace FedQueue.Reliability.Simulation;

/// <summary>What one seed's world looks like before anything goes wrong.</summary>
/// <param name="Plan">The run.</param>
/// <param name="Participants">p1, p2, …</param>
/// <param name="Workers">At least one a participant; the others are spares.</param>
/// <param name="MayCut">Goal, minimum and deadline may close a round without somebody; otherwise the bits are those of an undisturbed run.</param>
internal sealed record Scenario(RunPlan Plan, IReadOnlyList<string> Participants, int Workers, bool MayCut)
{
    public const string RunId = "run";

    public static Scenario From(Random random)
    {
        // Small federations have all the races of larger ones, and more of them fit into a minute.
        var participants = Enumerable.Range(1, random.Next(16) switch { < 10 => 2, < 15 => 3, _ => 4 }).Select(number => $"p{number}").ToList();
        var mayCut = random.Next(4) == 0;
        var plan = new RunPlan
        {
            Rounds = random.Next(4) == 0 ? 2 : 1,
            Units = 1,
            Columns = new ColumnPlan { Features = ["Progress"], Window = 2 },
            Participants = participants.Count,
            Seed = 7,
            Deadline = mayCut ? TimeSpan.FromSeconds(random.Next(20, 90)) : TimeSpan.FromMinutes(30),
            StartWithin = TimeSpan.FromMinutes(20),
            Minimum = mayCut ? 1 : null,
            Goal = mayCut && random.Next(2) == 0 ? participants.Count - 1 : null,
        };
        return new(plan, participants, participants.Count + (random.Next(5) switch { < 2 => 0, < 4 => 1, _ => 2 }), mayCut);
    }
}
