using FedQueue.Aggregator.Participants;
using Microsoft.Extensions.Options;

namespace FedQueue.Aggregator.Runs;

/// <summary>The run that the service starts by itself; section <c>FedQueue:Run</c>. An empty value means the default.</summary>
internal sealed class RunOptions : RunForm
{
    public const string Section = "FedQueue:Run";

    /// <summary>Run of this id that the database knows is continued or, when it has ended, shown again.</summary>
    public RunOptions() => Id = "default";

    /// <summary>Whether to start a run at all. Default false.</summary>
    public bool AutoStart { get; set; }
}

internal sealed class RunOptionsValidator(IOptions<ParticipantOptions> participants) : IValidateOptions<RunOptions>
{
    public ValidateOptionsResult Validate(string? name, RunOptions options) =>
        PlanCheck.ProblemOf(options.ToCommand(), participants.Value.MostParameters) is { } problem
            ? ValidateOptionsResult.Fail($"{RunOptions.Section}: {problem}")
            : ValidateOptionsResult.Success;
}
