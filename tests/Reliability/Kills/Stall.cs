namespace FedQueue.Reliability.Kills;

/// <summary>A kill; what is killed at the same moment has the same number.</summary>
internal sealed record Kill(int Number, DateTimeOffset At, string Kind, string Name)
{
    /// <summary>When broker and database were there again, if they were among the victims: what they need to start is not FedQueue's.</summary>
    public DateTimeOffset PossibleFrom { get; init; } = At;
}

/// <summary>The time between a kill and the next progress.</summary>
internal sealed record Stall(TimeSpan Length, IReadOnlyList<Kill> After)
{
    /// <returns>The longest one, measured from the latest kill before the progress, or from when broker and database answered again; null without kills.</returns>
    public static Stall? Longest(IEnumerable<Kill> kills, IEnumerable<DateTimeOffset> progress)
    {
        var moments = progress.Order().ToList();
        var strokes = kills.GroupBy(kill => kill.Number).OrderBy(stroke => stroke.Key).Select(stroke => stroke.ToList()).ToList();
        return strokes
            .Select((stroke, index) =>
            {
                var next = moments.Find(moment => moment > stroke[0].PossibleFrom);
                var cut = index + 1 < strokes.Count && strokes[index + 1][0].At < next;
                return next == default || cut ? null : new Stall(next - stroke[0].PossibleFrom, stroke);
            })
            .OfType<Stall>()
            .MaxBy(stall => stall.Length);
    }

    public override string ToString() =>
        FormattableString.Invariant($"{Length.TotalSeconds:0.0} s after stroke {After[0].Number} ({string.Join(", ", After.Select(kill => kill.Name))})");
}
