using System.Text.Json;
using FedQueue.Aggregator.Participants;
using FedQueue.Aggregator.Storage;
using FedQueue.Contracts;

namespace FedQueue.Aggregator.Runs;

/// <summary>Combines what participants tell of their columns into the spans by which all scale them.</summary>
internal static class FederatedScaling
{
    /// <returns>Who may start a run, in ordinal order: who is present and, where the scaling needs it, has told its spans.</returns>
    public static IReadOnlyList<ParticipantRow> Ready(RunPlan plan, IEnumerable<ParticipantRow> participants, Leases leases) =>
        [.. participants.Where(p => leases.IsPresent(p) && (plan.Scaling != Scaling.Federated || p.SpansJson is not null)).OrderBy(p => p.Name, StringComparer.Ordinal)];

    /// <returns>The plan with the spans of its columns over all participants; a plan with another scaling as it is.</returns>
    public static RunPlan Combine(RunPlan plan, IReadOnlyList<ParticipantRow> participants)
    {
        if (plan.Scaling != Scaling.Federated)
            return plan;

        var told = participants.SelectMany(p => JsonSerializer.Deserialize<List<ColumnSpan>>(p.SpansJson!)!).ToLookup(span => span.Column);
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
