using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using FedQueue.Bench.DefaultJob;

// How much longer `fedqueue simulate --engine torch` takes than its optimiser steps alone. Both in turn, so that a noisy machine
// disturbs both; the ratio of the medians is what counts.
//
//   dotnet run -c Release --project bench/DefaultJob -- [REPEATS [ROUNDS]]
var repeats = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 3;
var rounds = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 10;
const int epochs = 100, batch = 32, window = 10;

var cores = Environment.ProcessorCount;
var data = Path.Combine(Repository(), "Data");
var steps = Directory.GetFiles(data, "*.csv").Sum(StepsOfOneEpoch) * epochs * rounds;
Console.WriteLine($"{steps:N0} optimiser steps, {cores} cores");

var (bare, whole) = (new List<double>(), new List<double>());
BareLoop.Run(200, cores);
for (var i = 1; i <= repeats; i++)
{
    bare.Add(BareLoop.Run(steps, cores).TotalSeconds);
    whole.Add(Simulate());
    Console.WriteLine($"{i}: bare loop {bare[^1]:0.0} s, simulate {whole[^1]:0.0} s");
}

bare.Sort();
whole.Sort();
Console.WriteLine($"median: bare loop {bare[repeats / 2]:0.0} s ({bare[repeats / 2] * cores / steps * 1e6:0} µs a step on one core), "
    + $"simulate {whole[repeats / 2]:0.0} s, ratio {whole[repeats / 2] / bare[repeats / 2]:0.00}");

// Windows whose label is in the first 80 % of the rows.
static int StepsOfOneEpoch(string file)
{
    var rows = File.ReadLines(file).Count() - 1;
    return (rows * 4 / 5 - window + batch - 1) / batch;
}

double Simulate()
{
    var output = Directory.CreateTempSubdirectory("fedqueue-bench-").FullName;
    var command = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "fedqueue.dll"), "simulate", "--json",
        "--engine", "torch", "--data", data, "--out", output, "--rounds", rounds.ToString(CultureInfo.InvariantCulture)])
    {
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    };

    var started = Stopwatch.GetTimestamp();
    using var process = Process.Start(command)!;
    process.ErrorDataReceived += (_, _) => { };
    process.BeginErrorReadLine();
    var result = process.StandardOutput.ReadToEnd();
    process.WaitForExit();
    var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;

    using var json = JsonDocument.Parse(result);
    if (json.RootElement.GetProperty("status").GetString() != "completed")
        throw new InvalidOperationException(result);
    Directory.Delete(output, recursive: true);
    return seconds;
}

static string Repository()
{
    var folder = new DirectoryInfo(AppContext.BaseDirectory);
    while (!File.Exists(Path.Combine(folder.FullName, "FedQueue.sln")))
        folder = folder.Parent ?? throw new InvalidOperationException("FedQueue.sln is in no folder above the program.");
    return folder.FullName;
}
