using FedQueue.Aggregator.Aggregation;
using FedQueue.Contracts;

namespace FedQueue.Aggregator.Runs;

/// <summary>Whether a run can be carried out as asked, before anything of it is stored.</summary>
internal static class PlanCheck
{
    /// <returns>What is wrong and what to do, as a sentence; null when nothing is.</returns>
    public static string? ProblemOf(StartRun command)
    {
        if (!ParticipantName.IsValid(command.RunId))
            return $"The run id '{command.RunId}' must be 1 to {ParticipantName.MaxLength} letters, digits, '-', '_' or '.'.";

        var (plan, training) = (command.Plan, command.Plan.Training);
        return Range("rounds", plan.Rounds, 1, 100_000)
            ?? Range("epochs", training.Epochs, 1, 100_000)
            ?? Range("batch size", training.BatchSize, 1, 65_536)
            ?? Range("units", plan.Units, 1, 4_096)
            ?? Range("layers", plan.Layers, 1, 16)
            ?? Range("participants", plan.Participants, 1, 10_000)
            ?? Range("goal", plan.Goal, 1, 10_000)
            ?? Range("minimum", plan.Minimum, 1, 10_000)
            ?? QuorumProblem(plan)
            ?? (plan.Deadline < TimeSpan.FromSeconds(1) || plan.Deadline > TimeSpan.FromDays(7)
                ? $"The deadline is {plan.Deadline}; it must be from 1 second to 7 days." : null)
            ?? (plan.StartWithin < TimeSpan.FromSeconds(1) || plan.StartWithin > TimeSpan.FromDays(30)
                ? $"The time to start within is {plan.StartWithin}; it must be from 1 second to 30 days." : null)
            ?? (training.LearningRate is > 0 and <= 1
                ? null : $"The learning rate is {training.LearningRate}; it must be above 0 and at most 1.")
            ?? (Engine.All.Contains(training.Engine) ? null : $"There is no engine '{training.Engine}'; choose one of {string.Join(", ", Engine.All)}.")
            ?? (Scaling.All.Contains(plan.Scaling) ? null : $"There is no scaling '{plan.Scaling}'; choose one of {string.Join(", ", Scaling.All)}.")
            ?? plan.Columns.Problem()
            ?? (AggregationRules.Find(plan.Rule) is null ? $"There is no rule '{plan.Rule}'; choose one of {AggregationRules.Names}." : null);
    }

    private static string? QuorumProblem(RunPlan plan)
    {
        if (plan.Goal is { } goal && goal > plan.ParticipantsToStart())
            return $"The goal of {goal} submissions exceeds the {plan.ParticipantsToStart()} participants that the run starts with.";

        var mostPossible = plan.Goal ?? plan.ParticipantsToStart();
        return plan.Minimum > mostPossible ? $"The minimum of {plan.Minimum} submissions exceeds the goal of {mostPossible}." : null;
    }

    private static string? Range(string name, int? value, int least, int most) =>
        value < least || value > most ? $"The number of {name} is {value}; it must be from {least:N0} to {most:N0}." : null;
}
