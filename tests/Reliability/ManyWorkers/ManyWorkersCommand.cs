using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;

namespace FedQueue.Reliability.ManyWorkers;

/// <summary><c>many-workers</c>: as many worker processes as a machine carries, all started at once.</summary>
internal static class ManyWorkersCommand
{
    public static Command Create()
    {
        var broker = new Option<string>("--broker") { Description = "RabbitMQ to use, HOST:PORT, of which the user is fedqueue with the password fedqueue.", DefaultValueFactory = _ => "localhost:5672" };
        var workers = new Option<int>("--workers") { Description = "Processes; each takes about 60 MB.", DefaultValueFactory = _ => 200 };
        var program = new Option<string>("--worker") { Description = "FedQueue.Worker.dll to start.", DefaultValueFactory = _ => Repository.Program("Worker", "FedQueue.Worker.dll") };
        var command = new Command("many-workers", "Start many worker processes at once and see how long it takes until all are present and a round is trained.") { broker, workers, program };
        command.SetAction((arguments, stop) => Run(arguments.GetValue(broker)!, arguments.GetValue(workers), arguments.GetValue(program)!, stop));
        return command;
    }

    private static async Task<int> Run(string broker, int count, string program, CancellationToken stop)
    {
        var (host, port) = broker.Split(':') is [var name, var number] ? (name, int.Parse(number, CultureInfo.InvariantCulture)) : (broker, 5672);
        var folder = Directory.CreateTempSubdirectory("fedqueue-");
        var rows = File.ReadLines(Path.Combine(Repository.Data, "task_001.csv")).Take(61).ToList();
        foreach (var participant in Enumerable.Range(1, count))
            await File.WriteAllLinesAsync(Path.Combine(folder.FullName, $"p{participant:000}.csv"), rows, stop);

        var url = $"http://127.0.0.1:{Network.FreePort()}";
        await using var aggregator = Start(Repository.Program("Aggregator", "FedQueue.Aggregator.dll"), new()
        {
            ["ASPNETCORE_URLS"] = url,
            ["FedQueue__Storage__Database"] = Path.Combine(folder.FullName, "fedqueue.db"),
            ["FedQueue__Run__AutoStart"] = "true",
            ["FedQueue__Run__Id"] = "many",
            ["FedQueue__Run__Rounds"] = "1",
            ["FedQueue__Run__Epochs"] = "1",
            ["FedQueue__Run__Participants"] = $"{count}",
        });
        List<RunningProgram> workers = [];
        var started = Stopwatch.GetTimestamp();
        TimeSpan? present = null;
        var status = "waiting";
        try
        {
            for (var worker = 1; worker <= count; worker++)
                workers.Add(Start(program, new() { ["FedQueue__Worker__DataFile"] = Path.Combine(folder.FullName, $"p{worker:000}.csv") }));
            using var http = new HttpClient { Timeout = TimeSpan.FromMinutes(1) };
            while (status is "waiting" or "running")
            {
                await Task.Delay(TimeSpan.FromSeconds(1), stop);
                try
                {
                    status = (await http.GetFromJsonAsync<JsonElement>($"{url}/api/runs/many/standing", stop)).GetProperty("status").GetString()!;
                }
                catch (HttpRequestException)
                {
                    // Not up yet.
                }

                if (status != "waiting")
                    present ??= Stopwatch.GetElapsedTime(started);
                if (workers.Find(worker => worker.ExitCode is not null) is { } ended)
                    throw new InvalidOperationException($"A worker has ended with {ended.ExitCode}: {ended.Error}");
            }

            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{status}: {count} workers present after {present?.TotalSeconds:0} s, the run of one round ended after {Stopwatch.GetElapsedTime(started).TotalSeconds:0} s"));
            return status == "completed" ? 0 : 1;
        }
        finally
        {
            await Task.WhenAll(workers.Select(worker => worker.DisposeAsync().AsTask()));
            folder.Delete(recursive: true);
        }

        RunningProgram Start(string dll, Dictionary<string, string> settings)
        {
            (settings["FedQueue__RabbitMq__Host"], settings["FedQueue__RabbitMq__Port"]) = (host, $"{port}");
            (settings["FedQueue__RabbitMq__User"], settings["FedQueue__RabbitMq__Password"]) = ("fedqueue", "fedqueue");
            return RunningProgram.Start("dotnet", settings, dll);
        }
    }
}
