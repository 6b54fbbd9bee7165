using FedQueue.Aggregator.Storage;
using FedQueue.Contracts;

namespace FedQueue.Aggregator.Runs;

/// <summary>Combines what participants tell of their columns into the spans by which all scale them.</summary>
internal static class FederatedScaling
{
    /// <returns>The plan with the spans of its columns over all participants; a plan with another scaling as it is.</returns>
    public static RunPlan Combine(RunRow run, IReadOnlyList<ParticipantRow> participants)
    {
        var plan = run.Plan();
        if (plan.Scaling != Scaling.Federated)
            return plan;

        var key = run.Offer().Key();
        var told = participants.SelectMany(p => p.CheckOf(run.Id, key)!.Spans!).ToLookup(span => span.Column);
        var names = plan.Columns.Features.Append(plan.Columns.Target).Distinct();
        return plan with { Columns = plan.Columns with { Spans = [.. names.Where(name => told[name].Any()).Select(name => Over(told[name], name, plan.Columns))] } };
    }

    private static ColumnSpan Over(IEnumerable<ColumnSpan> spans, string column, ColumnPlan columns)
    {
        // Labels above the cap count as the cap; a feature of the same name keeps its values, so it may lie above 1.
        var most = column == columns.Target ? columns.TargetCap ?? double.MaxValue : double.MaxValue;
        return new ColumnSpan
        {
            Column = column,
            Count = spans.Sum(span => span.Count),
            Minimum = Math.Min(most, spans.Min(span => span.Minimum)),
            Maximum = Math.Min(most, spans.Max(span => span.Maximum)),
        };
    }
}
