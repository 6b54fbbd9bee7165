using System.Text.Json;
using System.Text.Json.Nodes;
using FedQueue.Contracts;
using RabbitMQ.Client;

namespace FedQueue.System.Tests.Queue;

/// <summary>
/// Sends to a real broker what an old, a broken or a curious program might, on the wire as MassTransit would, without the types that would not let it.
/// </summary>
internal sealed class SickClient(IConnection connection) : IAsyncDisposable
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        NumberHandling = global::System.Text.Json.Serialization.JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    /// <summary>Of a queue of our own form, as a program has it.</summary>
    public const string GoodQueue = "sick_client_bus_abcdefghijklmnopqrstuvwxyz";

    private IChannel? channel;

    public ValueTask DisposeAsync() => connection.DisposeAsync();

    /// <summary>All of them once.</summary>
    /// <param name="run">The run that is under way.</param>
    /// <param name="round">Its open round.</param>
    /// <param name="participants">Who takes part.</param>
    public async Task SendAll(string run, int round, IReadOnlyList<string> participants)
    {
        var (long300, long10k) = (new string('x', 300), new string('y', 10_000));
        var id = RoundIdentity.Of(run, round);
        var victim = participants[0];

        // Answers that can go nowhere.
        await DeclareOddExchanges();
        foreach (var address in new[]
        {
            $"rabbitmq://localhost/{long300}?temporary=true", "rabbitmq://localhost/amq.foo?temporary=true", "rabbitmq://localhost/odd-exchange?temporary=true",
            "rabbitmq://localhost/odd_client_bus_abcdefghijklmnopqrstuvwxyz?temporary=true", "rabbitmq://localhost/fedqueue-rounds", "queue:fedqueue-rounds", "http://example.org/x", "exchange:amq.direct",
        })
        {
            await Send(nameof(RenewClaim), new { workerId = "sick", participant = victim }, address);
            await Send(nameof(ClaimParticipant), new { workerId = "sick", candidates = new[] { victim }, protocolVersion = Protocol.Version }, address);
            await Send(nameof(FetchWeights), new { workerId = "sick", runId = run, round, weightsSha256 = new string('0', 64), part = 1, partLength = 1000 }, address);
            await Send(nameof(TrainingFailed), new { roundId = id, runId = run, round, participant = victim, workerId = "sick", reason = "none", }, address);
        }

        // Texts and numbers beyond all limits.
        await Send(nameof(RenewClaim), new { workerId = long10k, participant = victim });
        await Send(nameof(RenewClaim), new { workerId = "sick", participant = long10k });
        await Send(nameof(ClaimParticipant), new { workerId = "sick", candidates = Enumerable.Range(0, 20_000).Select(i => $"never-{i}"), protocolVersion = Protocol.Version });
        await Send(nameof(ClaimParticipant), new { workerId = long10k, candidates = Enumerable.Repeat("never", 1), protocolVersion = Protocol.Version });
        await Send(nameof(TrainingFailed), new { roundId = id, runId = run, round, participant = victim, workerId = "sick", reason = new string('z', 1_000_000) });
        await Send(nameof(TrainingProgressed), new { runId = run, round, participant = long10k, epoch = 1, epochs = 2, loss = 0.5 });
        foreach (var runId in Enumerable.Range(0, 16).Select(i => $"{long10k}{i}"))
            await Answer(RoundIdentity.Of(runId, 1), runId, 1, victim, "sick");
        await Answer(id, run, round, victim, "sick", samples: int.MaxValue);
        await Answer(id, run, round, victim, "sick", samples: -1);
        await Send(nameof(RenewClaim), new
        {
            workerId = "sick",
            participant = victim,
            @checked = new[] { new { runId = run, key = new string('0', 64), spans = new[] { new { column = "Progress", count = 1L, minimum = double.NaN, maximum = -1e300 } } } },
        });
        await Send(nameof(FetchWeights), new { workerId = "sick", runId = run, round, weightsSha256 = long10k, part = int.MaxValue, partLength = int.MaxValue });

        // Plans and rounds of a size that nobody has.
        await Send(nameof(StartRun), new { runId = "giant", plan = new { units = 4096, layers = 16 } });
        await Send(nameof(StartRun), new { runId = "wide", plan = new { columns = new { features = Enumerable.Range(0, 100_000).Select(i => $"f{i}") } } });
        await Send(nameof(StartRun), new { runId = long10k, plan = new { } });
        foreach (var participant in participants)
            await SendTo(ParticipantName.QueueOf(participant), nameof(RoundStarted), Round(run, round + 3, participants, units: 2_000_000_000));

        // What is not so.
        await Answer(id, "another-run", round, victim, "sick");
        await Answer(id, run, round + 1, victim, "sick");
        await Send(nameof(CloseRound), new { roundId = id });
        await Send(nameof(StartRound), new { roundId = RoundIdentity.Of(run, round + 2), runId = run, round = round + 2 });
        await Send(nameof(StartRound), new { roundId = Guid.NewGuid(), runId = run, round = round + 1 });
        await Send(nameof(StartRound), new { roundId = RoundIdentity.Of("never", 1), runId = "never", round = 1 });
        await Send(nameof(RunCompleted), new { runId = run, weightsSha256 = new string('0', 64) });
        await Send(nameof(RunFailed), new { runId = run, reason = "It is not so." });
        await Send(nameof(RunCancelled), new { runId = run, reason = "It is not so." });

        // Runs and participants that never were, and what nobody reads.
        for (var i = 0; i < 50; i++)
        {
            var never = $"never-{Guid.NewGuid():N}";
            await Answer(RoundIdentity.Of(never, 1), never, 1, never, "sick");
            await Send(nameof(TrainingProgressed), new { runId = never, round = 1, participant = never, epoch = 1, epochs = 2, loss = 0.5 });
        }

        foreach (var queue in new[] { "fedqueue-rounds", "fedqueue-participants", "fedqueue-weights", "fedqueue-runs" })
        {
            await SendTo(queue, "Nonsense", new { some = "thing" });
            await Raw(queue, "not JSON at all"u8.ToArray(), "application/vnd.masstransit+json");
            await Raw(queue, "FQW1"u8.ToArray(), "application/vnd.fedqueue.weights");
        }
    }

    /// <summary>A request as a good program sends it.</summary>
    /// <returns>How long the answer took.</returns>
    public async Task<TimeSpan> AskForAParticipant()
    {
        var mine = await Channel();
        await mine.QueueDeclareAsync(GoodQueue, durable: false, exclusive: true, autoDelete: false);
        var answered = new TaskCompletionSource();
        var consumer = new global::RabbitMQ.Client.Events.AsyncEventingBasicConsumer(mine);
        consumer.ReceivedAsync += (_, _) =>
        {
            answered.TrySetResult();
            return Task.CompletedTask;
        };
        var tag = await mine.BasicConsumeAsync(GoodQueue, autoAck: true, consumer);
        var asked = global::System.Diagnostics.Stopwatch.GetTimestamp();
        await Send(nameof(ClaimParticipant), new { workerId = "spare", candidates = Array.Empty<string>(), protocolVersion = Protocol.Version }, $"rabbitmq://localhost/{GoodQueue}?temporary=true");
        await answered.Task.WaitAsync(Hang.Limit);
        var took = global::System.Diagnostics.Stopwatch.GetElapsedTime(asked);
        await mine.BasicCancelAsync(tag);
        return took;
    }

    private Task Answer(Guid id, string run, int round, string participant, string worker, int samples = 1) => Send(nameof(WeightsSubmitted), new
    {
        roundId = id, runId = run, round, participant, workerId = worker, sampleCount = samples, weights = Convert.ToBase64String(new byte[16]),
        globalError = Error, localError = Error, trainingLoss = 0.5, trainingTime = "00:00:01",
    });

    private static object Error => new { windowCount = 1, meanSquaredError = 1.0, meanAbsoluteError = 1.0 };

    private static object Round(string run, int number, IReadOnlyList<string> participants, int units) => new
    {
        roundId = RoundIdentity.Of(run, number), runId = run, round = number, rounds = 100, evaluateOnly = false, participants,
        columns = new { target = "Progress", features = new[] { "Speed" }, window = 10, horizon = 1 }, model = new { inputs = 1, units, layers = 1 },
        training = new { epochs = 1, batchSize = 32, learningRate = 0.001, engine = "auto" }, seed = 1, closesAt = DateTimeOffset.UtcNow.AddHours(1), weights = "", weightsSha256 = new string('0', 64),
    };

    private Task Send(string type, object message, string? answerAt = null) => Publish($"FedQueue.Contracts:{type}", "", type, message, answerAt);

    private Task SendTo(string queue, string type, object message) => Publish("", queue, type, message, null);

    private async Task Publish(string exchange, string key, string type, object message, string? answerAt)
    {
        var envelope = new JsonObject
        {
            ["messageId"] = Guid.NewGuid().ToString(),
            ["messageType"] = new JsonArray($"urn:message:FedQueue.Contracts:{type}"),
            ["message"] = JsonSerializer.SerializeToNode(message, Json),
        };
        if (answerAt is not null)
            (envelope["requestId"], envelope["responseAddress"], envelope["faultAddress"]) = (Guid.NewGuid().ToString(), answerAt, answerAt);
        await Raw(key, JsonSerializer.SerializeToUtf8Bytes(envelope), "application/vnd.masstransit+json", exchange);
    }

    private async Task Raw(string key, byte[] body, string contentType, string exchange = "") =>
        await (await Channel()).BasicPublishAsync(exchange, key, mandatory: false, new BasicProperties { ContentType = contentType, Persistent = true }, body);

    private async Task DeclareOddExchanges()
    {
        var mine = await Channel();
        await mine.ExchangeDeclareAsync("odd-exchange", ExchangeType.Direct, durable: true);
        await mine.ExchangeDeclareAsync("odd_client_bus_abcdefghijklmnopqrstuvwxyz", ExchangeType.Topic, durable: true);
    }

    /// <summary>Whoever is refused needs a new one.</summary>
    private async Task<IChannel> Channel() => channel is { IsOpen: true } ? channel : channel = await connection.CreateChannelAsync();
}
