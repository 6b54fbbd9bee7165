using System.Security.Cryptography;
using System.Text.Json;

namespace FedQueue.Contracts;

/// <summary>What a run asks of the data, for a worker to look whether its own have it before the run begins.</summary>
public sealed record PlanOffered
{
    /// <summary>Run that waits or is under way.</summary>
    public required string RunId { get; init; }

    /// <summary>Columns, windows and labels; without the spans that are agreed on later.</summary>
    public required ColumnPlan Columns { get; init; }

    /// <summary>Whether the run needs the spans of the columns. Default false.</summary>
    public bool NeedsSpans { get; init; }

    /// <summary>SHA-256 of what is asked, lower-case hex: a run that waits may be given another plan.</summary>
    public string Key() => Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(this)));

    /// <summary>What a run asks.</summary>
    public static PlanOffered Of(string runId, RunPlan plan) =>
        new() { RunId = runId, Columns = plan.Columns with { Spans = null }, NeedsSpans = plan.Scaling == Scaling.Federated };
}

/// <summary>The answer of a worker to <see cref="PlanOffered"/>.</summary>
public sealed record PlanChecked
{
    /// <summary>Run that was asked about.</summary>
    public required string RunId { get; init; }

    /// <summary><see cref="PlanOffered.Key"/> of what was asked.</summary>
    public required string Key { get; init; }

    /// <summary>Why the data cannot be trained on, as a sentence for people; null: they can.</summary>
    public string? Problem { get; init; }

    /// <summary>Of the plan's columns over the training rows, where the plan needs them. Null: not needed, or not shared.</summary>
    public IReadOnlyList<ColumnSpan>? Spans { get; init; }
}
