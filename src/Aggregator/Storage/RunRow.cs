using System.Text.Json;
using FedQueue.Contracts;

namespace FedQueue.Aggregator.Storage;

internal enum RunStatus
{
    /// <summary>For participants, or for the run before it.</summary>
    Waiting,
    Running,
    Completed,
    Failed,

    /// <summary>By a person.</summary>
    Cancelled,
}

internal sealed class RunRow
{
    public required string Id { get; init; }
    /// <summary>May change until the run starts.</summary>
    public required string PlanJson { get; set; }
    public required DateTimeOffset CreatedAt { get; init; }
    public RunStatus Status { get; set; }
    public DateTimeOffset? StartedAt { get; set; }
    public DateTimeOffset? EndedAt { get; set; }

    /// <summary>Fixed when the run starts; 0 before.</summary>
    public int Goal { get; set; }

    /// <summary>Fixed when the run starts; 0 before.</summary>
    public int Minimum { get; set; }

    /// <summary>Who was present when the run started, in ordinal order; empty before.</summary>
    public List<string> Participants { get; set; } = [];

    /// <summary>A run that still waits for participants then fails.</summary>
    public DateTimeOffset StartsBy { get; set; }

    /// <summary>Newest round opened; 0 before the first.</summary>
    public int Round { get; set; }

    /// <summary>Why it failed or was cancelled.</summary>
    public string? Reason { get; set; }

    public bool HasEnded => Status is RunStatus.Completed or RunStatus.Failed or RunStatus.Cancelled;

    /// <summary>waiting, running, completed, failed or cancelled.</summary>
    public string StatusName => Status.ToString().ToLowerInvariant();

    /// <summary>The plan that was read last: every message of a run asks for the same one.</summary>
    private static ParsedPlan? newest;

    private static readonly JsonSerializerOptions Strict = new() { RespectNullableAnnotations = true };

    /// <exception cref="JsonException">Somebody has altered it.</exception>
    public RunPlan Plan()
    {
        if (newest is { } parsed && parsed.Json == PlanJson)
            return parsed.Plan;

        var plan = JsonSerializer.Deserialize<RunPlan>(PlanJson, Strict) ?? throw new JsonException("it is empty");
        newest = new(PlanJson, plan);
        return plan;
    }

    /// <summary>What the run asks of the data.</summary>
    public PlanOffered Offer() => PlanOffered.Of(Id, Plan());

    public void SetPlan(RunPlan plan) => PlanJson = JsonSerializer.Serialize(plan);

    public static RunRow For(StartRun command, DateTimeOffset now) => new()
    {
        Id = command.RunId,
        PlanJson = JsonSerializer.Serialize(command.Plan),
        CreatedAt = now,
        StartsBy = now + command.Plan.StartWithin,
    };

    private sealed record ParsedPlan(string Json, RunPlan Plan);
}
