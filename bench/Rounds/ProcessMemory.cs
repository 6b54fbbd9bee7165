using System.Globalization;

namespace FedQueue.Bench.Rounds;

/// <summary>Resident memory of a process in bytes, as /proc tells it.</summary>
internal sealed class ProcessMemory(int processId)
{
    public static readonly ProcessMemory OfThisProcess = new(Environment.ProcessId);

    public long Now() => Field("VmRSS:");

    public long Peak() => Field("VmHWM:");

    /// <summary>Lets the peak begin anew from what is resident now.</summary>
    public void ForgetPeak() => File.WriteAllText($"/proc/{processId}/clear_refs", "5");

    private long Field(string name)
    {
        var line = File.ReadLines($"/proc/{processId}/status").First(line => line.StartsWith(name, StringComparison.Ordinal));
        return 1024 * long.Parse(line.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
    }
}
