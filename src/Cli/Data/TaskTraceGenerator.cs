using System.Globalization;
using System.Text;
using FedQueue.Contracts;

namespace FedQueue.Cli.Data;

/// <summary>Makes the five task traces; equal seeds and lengths give equal bytes on every machine.</summary>
internal static class TaskTraceGenerator
{
    /// <summary>File name and content of every trace, in ordinal order of the name.</summary>
    /// <param name="seed">Any value; each node draws from its own stream of it.</param>
    /// <param name="rows">Samples per trace.</param>
    public static IEnumerable<(string FileName, byte[] Content)> Generate(ulong seed, int rows) =>
        EdgeNode.All.Select(node => ($"{node.Name}.csv", Encoding.ASCII.GetBytes(Csv(node, seed, rows))));

    private static string Csv(EdgeNode node, ulong seed, int rows)
    {
        var csv = new StringBuilder().AppendJoin(',', ColumnPlan.TutorialColumns).Append('\n');
        foreach (var sample in new TaskTrace(node, SeededRandom.For(seed, $"data/{node.Name}")).Samples(rows))
        {
            csv.Append(CultureInfo.InvariantCulture, $"{sample.Progress:F3},{sample.CpuFrequency:F3},{sample.MemoryUsage:F2},");
            csv.Append(CultureInfo.InvariantCulture, $"{sample.TaskType},{sample.Speed:F4},{sample.Delay:F3},");
            csv.Append(CultureInfo.InvariantCulture, $"{sample.HistoricalTaskCount},{sample.HistoricalTaskDuration:F1}\n");
        }
        return csv.ToString();
    }
}
