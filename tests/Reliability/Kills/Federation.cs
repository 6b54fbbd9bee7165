using System.Collections.Concurrent;
using System.Data.Common;
using System.Globalization;
using System.Text.RegularExpressions;
using FedQueue.Contracts;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace FedQueue.Reliability.Kills;

/// <summary>Broker, database, aggregators and workers of one kill program, and what the workers say of their trainings.</summary>
internal sealed partial class Federation : IAsyncDisposable
{
    private readonly KillSettings settings;
    private readonly TextWriter journal;
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("fedqueue-kills-");
    private readonly Container broker = new(
        "broker", "rabbitmq:4.0.5-management", 5672, [.. "AMQP"u8, 0, 0, 9, 1],
        // RabbitMQ files its data under the host's name.
        "--hostname", "rabbitmq", "--env", "RABBITMQ_DEFAULT_USER=fedqueue", "--env", "RABBITMQ_DEFAULT_PASS=fedqueue");
    // Asked whether it wants encryption, PostgreSQL says yes or no.
    private readonly Container database = new(
        "database", "postgres:17", 5432, [0, 0, 0, 8, 4, 210, 22, 47],
        "--env", "POSTGRES_USER=fedqueue", "--env", "POSTGRES_PASSWORD=fedqueue");
    private readonly ConcurrentQueue<Beginning> beginnings = new();

    /// <param name="settings">How many of each.</param>
    /// <param name="journal">Gets every line that a process says.</param>
    public Federation(KillSettings settings, TextWriter journal)
    {
        (this.settings, this.journal) = (settings, journal);
        Aggregators = [.. Enumerable.Range(1, settings.Postgres ? 2 : 1).Select(n => new Service("Aggregator", $"aggregator-{n}", AggregatorSettings, Hear))];
        Workers = [.. Enumerable.Range(1, settings.Workers).Select(n => new Service("Worker", $"worker-{n}", WorkerSettings, Hear))];
        Containers = settings.Postgres ? [broker, database] : [broker];
    }

    /// <summary>What the aggregators are asked to train at their next start.</summary>
    public string RunId { get; set; } = "";

    public IReadOnlyList<Container> Containers { get; }
    public IReadOnlyList<Service> Aggregators { get; }
    public IReadOnlyList<Service> Workers { get; }
    public IEnumerable<IVictim> All => [.. Containers, .. Aggregators, .. Workers];

    public IReadOnlyCollection<Beginning> Beginnings => beginnings;

    // Read only, so that looking never mends what a kill has left for the aggregator to mend.
    public DbConnection Connect() => settings.Postgres
        ? new NpgsqlConnection(ConnectionString)
        : new SqliteConnection($"Data Source={DatabaseFile};Mode=ReadOnly;Pooling=False");

    public async ValueTask DisposeAsync()
    {
        foreach (var victim in All.Reverse())
            await victim.DisposeAsync();
        folder.Delete(recursive: true);
    }

    private string DatabaseFile => Path.Combine(folder.FullName, "fedqueue.db");

    private string ConnectionString => $"Host=127.0.0.1;Port={database.Port};Username=fedqueue;Password=fedqueue;Database=fedqueue";

    private Dictionary<string, string> AggregatorSettings() => new(BusSettings())
    {
        ["ASPNETCORE_URLS"] = "http://127.0.0.1:0",
        ["FedQueue__Storage__Provider"] = settings.Postgres ? "Postgres" : "Sqlite",
        ["FedQueue__Storage__Connection"] = ConnectionString,
        ["FedQueue__Storage__Database"] = DatabaseFile,
        ["FedQueue__Participants__Lease"] = $"{settings.Lease}",
        ["FedQueue__Run__AutoStart"] = "true",
        ["FedQueue__Run__Id"] = RunId,
        ["FedQueue__Run__Seed"] = $"{settings.RunSeed}",
        ["FedQueue__Run__Rounds"] = $"{settings.Rounds}",
        ["FedQueue__Run__Epochs"] = $"{settings.Epochs}",
        ["FedQueue__Run__Engine"] = Engine.Torch, // Slow enough that something happens meanwhile.
    };

    private Dictionary<string, string> WorkerSettings() => new(BusSettings())
    {
        ["FedQueue__Worker__DataDirectory"] = Repository.Data,
        ["FedQueue__Worker__SpareInterval"] = "00:00:01",
    };

    private Dictionary<string, string> BusSettings() => new()
    {
        ["FedQueue__RabbitMq__Host"] = "127.0.0.1",
        ["FedQueue__RabbitMq__Port"] = $"{broker.Port}",
        ["FedQueue__RabbitMq__User"] = "fedqueue",
        ["FedQueue__RabbitMq__Password"] = "fedqueue",
    };

    private void Hear(Life life, string line)
    {
        journal.WriteLine($"{DateTime.UtcNow:HH:mm:ss.fff} {life}: {line}");
        if (TrainingBegins().Match(line) is { Success: true } match)
            beginnings.Enqueue(new Beginning(
                match.Groups["run"].Value, int.Parse(match.Groups["round"].Value, CultureInfo.InvariantCulture), match.Groups["participant"].Value,
                life, DateTimeOffset.UtcNow));
    }

    [GeneratedRegex(@" 2108 (?<participant>\S+): run (?<run>\S+) round (?<round>\d+) training begins$")]
    private static partial Regex TrainingBegins();
}
