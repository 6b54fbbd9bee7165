using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using FedQueue.Bench.DefaultJob;

// The default job of `fedqueue simulate` by engine, beside its optimiser steps alone, spread over the cores. All in turn, so
// that a noisy machine disturbs all; the ratios of the medians are what counts.
//
//   dotnet run -c Release --project bench/DefaultJob -- [REPEATS [ROUNDS]]
var repeats = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 3;
var rounds = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 10;

var data = Path.Combine(Repository(), "Data");
var alone = new TrainingAlone(data, rounds);
Console.WriteLine($"{alone.Steps:N0} optimiser steps, {Environment.ProcessorCount} cores; medians of {repeats}");

var times = new Dictionary<string, List<double>> { ["torch"] = [], ["simd"] = [], ["bare torch"] = [], ["bare simd"] = [] };
BareLoop.Run(200, Environment.ProcessorCount);

// The launcher's first start builds, which is no part of the job.
using (var first = Process.Start(new ProcessStartInfo(Path.Combine(Repository(), "fedqueue"), "--version") { RedirectStandardOutput = true })!)
    first.WaitForExit();
for (var i = 1; i <= repeats; i++)
{
    times["bare simd"].Add(alone.Simd().TotalSeconds);
    times["simd"].Add(Simulate("simd"));
    times["bare torch"].Add(BareLoop.Run(alone.Steps, Environment.ProcessorCount).TotalSeconds);
    times["torch"].Add(Simulate("torch"));
    Console.WriteLine($"{i}: {string.Join(", ", times.Select(t => $"{t.Key} {t.Value[^1]:0.0} s"))}");
}

var median = times.ToDictionary(t => t.Key, t => t.Value.Order().ElementAt(repeats / 2));
Console.WriteLine("| engine | simulate | steps alone, spread over the cores | ratio |");
Console.WriteLine("|---|---|---|---|");
foreach (var engine in new[] { "simd", "torch" })
    Console.WriteLine(FormattableString.Invariant(
        $"| {engine} | {median[engine]:0.0} s | {median[$"bare {engine}"]:0.0} s | {median[engine] / median[$"bare {engine}"]:0.00} |"));
Console.WriteLine(FormattableString.Invariant($"simd over torch: {median["torch"] / median["simd"]:0.0} times"));

double Simulate(string engine)
{
    var output = Directory.CreateTempSubdirectory("fedqueue-bench-").FullName;

    // As a user starts it: compiled ahead of time by the launcher.
    var command = new ProcessStartInfo(Path.Combine(Repository(), "fedqueue"), ["simulate", "--json", "--compare", "none",
        "--engine", engine, "--data", data, "--out", output, "--rounds", rounds.ToString(CultureInfo.InvariantCulture)])
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
