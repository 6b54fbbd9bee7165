using System.Diagnostics;
using System.Globalization;

// A whole job of one round and one epoch by the number of participants in one process: what a start costs. Each participant has 60 rows, so training takes next to nothing.
// Where the time for twice as many is more than 2.3 times as long, or something is warned of, the exit status is 1.
//
//   dotnet run -c Release --project bench/Participants -- [MOST]
const double MostGrowth = 2.3;
const int RowsOfEach = 60;

var most = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 1_000;
var launcher = Path.Combine(Repository(), "fedqueue");
var lines = File.ReadLines(Path.Combine(Repository(), "Data", "task_001.csv")).Take(RowsOfEach + 1).ToList();

// The launcher's first start builds, which is no part of the job.
using (var first = Process.Start(new ProcessStartInfo(launcher, "--version") { RedirectStandardOutput = true })!)
    first.WaitForExit();

Console.WriteLine("| participants | seconds | warnings |");
Console.WriteLine("|---|---|---|");
double? before = null;
var status = 0;
for (var count = 125; count <= most; count *= 2)
{
    var (seconds, warnings) = Simulate(count);
    Console.WriteLine(FormattableString.Invariant($"| {count:N0} | {seconds:0.0} | {warnings} |"));
    if (warnings > 0 || seconds > MostGrowth * before)
        status = 1;
    before = seconds;
}

return status;

(double Seconds, int Warnings) Simulate(int participants)
{
    var folder = Directory.CreateTempSubdirectory("fedqueue-bench-").FullName;
    try
    {
        var data = Directory.CreateDirectory(Path.Combine(folder, "data")).FullName;
        for (var i = 1; i <= participants; i++)
            File.WriteAllLines(Path.Combine(data, $"site_{i:0000}.csv"), lines);

        var started = Stopwatch.StartNew();
        using var run = Process.Start(new ProcessStartInfo(launcher, ["simulate", "--json", "--compare", "none", "--rounds", "1", "--epochs", "1", "--data", data, "--out", Path.Combine(folder, "runs")])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var said = run.StandardError.ReadToEndAsync();
        run.StandardOutput.ReadToEnd();
        run.WaitForExit();
        if (run.ExitCode != 0)
            throw new InvalidOperationException($"Status {run.ExitCode}: {said.Result}");

        // Lines of the log begin with the time and the level.
        return (started.Elapsed.TotalSeconds, said.Result.Split('\n').Count(line => line.Length > 12 && line[8..14] is " warn " or " fail " or " crit "));
    }
    finally
    {
        Directory.Delete(folder, recursive: true);
    }
}

static string Repository()
{
    var folder = AppContext.BaseDirectory;
    while (!File.Exists(Path.Combine(folder, "FedQueue.sln")))
        folder = Path.GetDirectoryName(folder)!;
    return folder;
}
