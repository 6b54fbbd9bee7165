using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;

namespace FedQueue.Reliability.SlowLink;

/// <summary><c>slow-link</c>: a worker behind a slow network, and a model that takes it a minute each way.</summary>
internal static class SlowLinkCommand
{
    public static Command Create()
    {
        var broker = new Option<string>("--broker") { Description = "RabbitMQ to use, HOST:PORT, of which the user is fedqueue with the password fedqueue.", DefaultValueFactory = _ => "localhost:5672" };
        var kilobits = new Option<int>("--kilobits") { Description = "Kilobits a second, each way.", DefaultValueFactory = _ => 256 };
        var delay = new Option<int>("--delay") { Description = "Milliseconds to the broker and back.", DefaultValueFactory = _ => 300 };
        var standstills = new Option<double>("--standstills") { Description = "Share of the packets after which nothing moves for 0.2 to 0.8 seconds.", DefaultValueFactory = _ => 0.02 };
        var units = new Option<int>("--units") { Description = "Units of the LSTM; 363 give 541,960 parameters.", DefaultValueFactory = _ => 363 };
        var rounds = new Option<int>("--rounds") { Description = "Rounds.", DefaultValueFactory = _ => 3 };
        var command = new Command("slow-link", "Train over a slow network and see whether every round closes, every lease is kept and nothing is sent three times.")
            { broker, kilobits, delay, standstills, units, rounds };
        command.SetAction((arguments, stop) => Run(
            arguments.GetValue(broker)!, arguments.GetValue(kilobits), TimeSpan.FromMilliseconds(arguments.GetValue(delay) / 2.0), arguments.GetValue(standstills),
            arguments.GetValue(units), arguments.GetValue(rounds), stop));
        return command;
    }

    private static async Task<int> Run(string broker, int kilobits, TimeSpan delay, double standstills, int units, int rounds, CancellationToken stop)
    {
        var (host, port) = broker.Split(':') is [var name, var number] ? (name, int.Parse(number, CultureInfo.InvariantCulture)) : (broker, 5672);
        await using var proxy = new SlowProxy((host, port), kilobits, delay, standstills);
        var folder = Directory.CreateTempSubdirectory("fedqueue-");
        var url = $"http://127.0.0.1:{Network.FreePort()}";
        var started = Stopwatch.GetTimestamp();
        await using var aggregator = Start("Aggregator", host, port, new()
        {
            ["ASPNETCORE_URLS"] = url,
            ["FedQueue__Storage__Database"] = Path.Combine(folder.FullName, "fedqueue.db"),
            ["FedQueue__Run__AutoStart"] = "true",
            ["FedQueue__Run__Id"] = "slow",
            ["FedQueue__Run__Rounds"] = $"{rounds}",
            ["FedQueue__Run__Epochs"] = "1",
            ["FedQueue__Run__Units"] = $"{units}",
            ["FedQueue__Run__Participants"] = "2",
        });
        await using var near = Start("Worker", host, port, Data("task_001"));
        await using var far = Start("Worker", "127.0.0.1", proxy.Port, Data("task_005"));

        using var http = new HttpClient { Timeout = TimeSpan.FromMinutes(1) };
        JsonElement run = default;
        while (run.ValueKind is JsonValueKind.Undefined || run.GetProperty("status").GetString() is "waiting" or "running")
        {
            await Task.Delay(TimeSpan.FromSeconds(1), stop);
            if (aggregator.ExitCode is not null || near.ExitCode is not null || far.ExitCode is not null)
                throw new InvalidOperationException($"A program has ended.\n{aggregator.Error}\n{far.Error}");
            try
            {
                run = await http.GetFromJsonAsync<JsonElement>($"{url}/api/runs/slow", stop);
            }
            catch (HttpRequestException)
            {
                // Not up yet.
            }
        }

        var history = await http.GetStringAsync($"{url}/api/runs/slow/history", stop);
        folder.Delete(recursive: true);
        var bytes = (long)run.GetProperty("models").GetArrayLength() == 0 ? 0 : 4L * (4L * units * (8 + units + 2) + units + 1);
        var lost = far.Error.Split('\n').Count(line => line.Contains(" lost ", StringComparison.Ordinal));
        var status = run.GetProperty("status").GetString();
        var (sent, received) = (proxy.Sent / (double)(rounds * bytes), proxy.Received / (double)((rounds + 1) * bytes));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{status}: {rounds} rounds of {bytes / 4:N0} parameters at {kilobits} kbit/s in {Stopwatch.GetElapsedTime(started).TotalSeconds:0} s; leases lost: {lost}; late answers: {Count(history, "\"kind\":\"late\"")}; "
            + $"bytes sent: {sent:0.00} times the answers, received: {received:0.00} times the global weights; SHA-256 {run.GetProperty("weightsSha256").GetString()}"));
        var passed = status == "completed" && lost == 0 && sent < 2 && received < 2;
        if (!passed)
            await Console.Error.WriteLineAsync($"{aggregator.Error}\n{far.Error}");
        return passed ? 0 : 1;
    }

    private static int Count(string text, string part) => text.Split(part).Length - 1;

    private static Dictionary<string, string> Data(string participant) => new() { ["FedQueue__Worker__DataFile"] = Path.Combine(Repository.Data, $"{participant}.csv") };

    private static RunningProgram Start(string project, string host, int port, Dictionary<string, string> settings)
    {
        settings["FedQueue__RabbitMq__Host"] = host;
        settings["FedQueue__RabbitMq__Port"] = $"{port}";
        settings["FedQueue__RabbitMq__User"] = "fedqueue";
        settings["FedQueue__RabbitMq__Password"] = "fedqueue";
        return RunningProgram.Start("dotnet", settings, Repository.Program(project, $"FedQueue.{project}.dll"));
    }
}
