using FedQueue.Contracts;

namespace FedQueue.Bench.Rounds;

/// <summary>A CSV for each participant, as little as can be trained on; it is read in the first round, which is not measured.</summary>
internal sealed class StubData
{
    private const int Rows = 60;

    public StubData(string folder, int participants)
    {
        var columns = ColumnPlan.TutorialColumns;
        var lines = Enumerable.Range(0, Rows).Select(row => string.Join(',', columns.Select((_, column) => (row + column) % 7)));
        var text = string.Join('\n', lines.Prepend(string.Join(',', columns)));
        Files = [.. Enumerable.Range(1, participants).Select(number => Path.Combine(folder, $"p{number:0000}.csv"))];
        foreach (var file in Files)
            File.WriteAllText(file, text);
    }

    public IReadOnlyList<string> Files { get; }
}
