using FedQueue.Contracts;

namespace FedQueue.Worker.Data;

/// <summary>What a plan must fulfil before any file is read with it.</summary>
internal static class ColumnPlanRules
{
    private const int MaxLength = 10_000;

    /// <exception cref="DataException">The plan cannot be trained on, whatever the file.</exception>
    public static void Check(ColumnPlan columns)
    {
        if (columns.Target.Length == 0)
            throw new DataException("The target has no name; name the column to predict.");
        if (columns.Features.Count == 0 || columns.Features.Any(feature => feature.Length == 0))
            throw new DataException("The features lack a name; name at least one input column, separated by commas.");
        if (columns.Features.GroupBy(feature => feature).FirstOrDefault(names => names.Count() > 1) is { } twice)
            throw new DataException($"The feature {Cell.Quoted(twice.Key)} is named twice; name it once.");
        if (columns.Group is { Length: 0 })
            throw new DataException("The group has no name; name a column, or leave it out when the file is one series.");
        if (columns.Window is < 1 or > MaxLength)
            throw new DataException($"The window of {columns.Window} rows is out of range; choose 1 to {MaxLength}.");
        if (columns.Horizon is < 0 or > MaxLength)
            throw new DataException($"The horizon of {columns.Horizon} rows is out of range; choose 0 to {MaxLength}.");
        if (columns.TargetCap is { } cap && !double.IsFinite(cap))
            throw new DataException("The target's cap is not a finite number; choose one in the target's unit.");
    }
}
