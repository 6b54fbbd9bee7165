namespace FedQueue.Aggregator.Storage;

/// <summary>One line of a run's history; only ever appended, which the database itself enforces.</summary>
internal sealed class EventRow
{
    public long Id { get; init; }
    public required string RunId { get; init; }
    public int? Round { get; init; }
    public required DateTimeOffset At { get; init; }

    /// <summary>One of <see cref="EventKind"/>.</summary>
    public required string Kind { get; init; }

    public string? Participant { get; init; }
    public required string Text { get; init; }
}

/// <summary>What can happen to a run, as its history names it.</summary>
internal static class EventKind
{
    public const string RunCreated = "run created";
    public const string RunStarted = "run started";
    public const string RunCompleted = "run completed";
    public const string RunFailed = "run failed";
    public const string RunCancelled = "run cancelled";
    public const string RoundOpened = "round opened";
    public const string RoundCompleted = "round completed";
    public const string RoundFailed = "round failed";
    public const string Submitted = "submitted";
    public const string Evaluated = "evaluated";
    public const string TrainingFailed = "training failed";

    /// <summary>The global model is worse than before the first round.</summary>
    public const string Diverged = "diverged";

    /// <summary>A participant has trained a model of its own after the run, to compare.</summary>
    public const string LocalModel = "own model";

    /// <summary>A copy of a message that had its effect before.</summary>
    public const string Duplicate = "duplicate";

    /// <summary>An answer to a round that was closed without it.</summary>
    public const string Late = "late";

    /// <summary>An answer that failed validation.</summary>
    public const string Quarantined = "quarantined";

    /// <summary>An answer to a round that this aggregator never opened.</summary>
    public const string Unknown = "unknown round";

    /// <summary>The clock was set, or the machine slept.</summary>
    public const string ClockStepped = "clock stepped";

    public const string AggregatorStarted = "aggregator started";

    /// <summary>Lines that other programs can cause without end.</summary>
    public static bool IsOfOthersMaking(string kind) => kind is Duplicate or Late or Quarantined or Unknown;
}
