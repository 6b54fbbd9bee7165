using FedQueue.Aggregator.Aggregation;
using FedQueue.Aggregator.Participants;
using FedQueue.Contracts;

namespace FedQueue.Aggregator.Runs;

/// <summary>Whether a run can be carried out as asked, before anything of it is stored.</summary>
internal static class PlanCheck
{
    /// <returns>What is wrong and what to do, as a sentence; null when nothing is.</returns>
    /// <param name="command">What is asked for.</param>
    /// <param name="mostParameters">Values that the model may have.</param>
    public static string? ProblemOf(StartRun command, long mostParameters = PlanLimits.MostParameters)
    {
        if (!ParticipantName.IsValid(command.RunId))
            return $"The run id '{command.RunId}' must be 1 to {ParticipantName.MaxLength} letters, digits, '-', '_' or '.'.";

        var plan = command.Plan;
        return PlanLimits.Range("rounds", plan.Rounds, 1, PlanLimits.MostRounds)
            ?? PlanLimits.Range("participants", plan.Participants, 1, MessageCheck.MostParticipants)
            ?? PlanLimits.Range("goal", plan.Goal, 1, MessageCheck.MostParticipants)
            ?? PlanLimits.Range("minimum", plan.Minimum, 1, MessageCheck.MostParticipants)
            ?? QuorumProblem(plan)
            ?? (plan.Deadline < TimeSpan.FromSeconds(1) || plan.Deadline > TimeSpan.FromDays(7)
                ? $"The deadline is {plan.Deadline}; it must be from 1 second to 7 days." : null)
            ?? (plan.StartWithin < TimeSpan.FromSeconds(1) || plan.StartWithin > TimeSpan.FromDays(30)
                ? $"The time to start within is {plan.StartWithin}; it must be from 1 second to 30 days." : null)
            ?? PlanLimits.ProblemOf(plan.Training)
            ?? (Engine.All.Contains(plan.Training.Engine)
                ? null : $"There is no engine '{PlainText.Of(plan.Training.Engine)}'; choose one of {string.Join(", ", Engine.All)}.")
            ?? (Scaling.All.Contains(plan.Scaling) ? null : $"There is no scaling '{plan.Scaling}'; choose one of {string.Join(", ", Scaling.All)}.")
            ?? plan.Columns.Problem()
            ?? PlanLimits.ProblemOf(plan.Model(), mostParameters, $"{ParticipantOptions.Section}:{nameof(ParticipantOptions.MostParameters)}")
            ?? (AggregationRules.Find(plan.Rule) is null ? $"There is no rule '{plan.Rule}'; choose one of {AggregationRules.Names}." : null);
    }

    private static string? QuorumProblem(RunPlan plan)
    {
        if (plan.Goal is { } goal && goal > plan.ParticipantsToStart())
            return $"The goal of {goal} submissions exceeds the {plan.ParticipantsToStart()} participants that the run starts with.";

        var mostPossible = plan.Goal ?? plan.ParticipantsToStart();
        return plan.Minimum > mostPossible ? $"The minimum of {plan.Minimum} submissions exceeds the goal of {mostPossible}." : null;
    }
}
