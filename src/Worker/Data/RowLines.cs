namespace FedQueue.Worker.Data;

/// <summary>On which line of its file each row begins; only where that is not the line after the row before is anything kept.</summary>
internal sealed class RowLines
{
    private readonly List<(int Row, long Line)> jumps = [];
    private long expected;

    public void Add(int row, long line)
    {
        if (line != expected)
            jumps.Add((row, line));
        expected = line + 1;
    }

    /// <returns>Line of a row, from 1; of rows that were not read from a file, as if a header stood above them.</returns>
    public long Of(int row)
    {
        var jump = jumps.FindLastIndex(jump => jump.Row <= row);
        return jump < 0 ? row + 2 : jumps[jump].Line + row - jumps[jump].Row;
    }
}
