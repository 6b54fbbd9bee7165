using System.Runtime.Serialization;
using System.Text.Json;
using System.Threading.Channels;
using FedQueue.Contracts;
using MassTransit;
using MassTransit.Serialization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace FedQueue.System.Tests.Queue;

public sealed class WeightsSerializerTests
{
    [Fact]
    public void Every_message_with_weights_comes_back_as_it_was()
    {
        AssertSame(Round with { Weights = new byte[] { 1, 2, 3, 4 } });
        AssertSame(Submission with { Weights = default });
        AssertSame(Submission with { Weights = Enumerable.Range(0, 256).Select(i => (byte)i).ToArray() });

        static void AssertSame<T>(T message) where T : class =>
            Assert.Equal(JsonSerializer.Serialize(message), JsonSerializer.Serialize((T)MessageFrame.Read(typeof(T), MessageFrame.Write(message))));
    }

    [Fact]
    public void Weights_stand_in_the_frame_as_they_are()
    {
        byte[] weights = [.. Enumerable.Range(0, 10_000).Select(i => (byte)(i * 7))];

        var frame = MessageFrame.Write(Submission with { Weights = weights });

        Assert.Equal(weights, frame[^weights.Length..]);
        Assert.InRange(frame.Length - weights.Length, 8, 1_000);
    }

    [Fact]
    public void Weights_that_lie_in_their_frame_are_sent_as_they_are_and_in_no_other()
    {
        var room = WeightsFetched.Room(40);
        room.Span.Fill(7);
        var frame = MessageFrame.Write(new WeightsFetched { Weights = room });

        Assert.Same(frame, MessageFrame.Write(new WeightsFetched { Weights = room }));
        var read = (WeightsFetched)MessageFrame.Read(typeof(WeightsFetched), frame);
        Assert.Same(frame, MessageFrame.Write(read));
        Assert.Equal(room.ToArray(), read.Weights.ToArray());

        // Not all of it, or below another head.
        var part = MessageFrame.Write(new WeightsFetched { Weights = room[4..] });
        Assert.Equal(36, ((WeightsFetched)MessageFrame.Read(typeof(WeightsFetched), part)).Weights.Length);
        var first = (WeightsSubmitted)MessageFrame.Read(typeof(WeightsSubmitted), MessageFrame.Write(Submission with { Participant = "a" }));
        var second = (WeightsSubmitted)MessageFrame.Read(typeof(WeightsSubmitted), MessageFrame.Write(first with { Participant = "b" }));
        Assert.Equal(("b", first.Weights.Length), (second.Participant, second.Weights.Length));
        Assert.Equal("a", ((WeightsSubmitted)MessageFrame.Read(typeof(WeightsSubmitted), MessageFrame.Write(first))).Participant);
    }

    /// <summary>Also a guard: the way to what the transport has is MassTransit's own and may be called otherwise in another version.</summary>
    [Fact]
    public void A_submission_is_read_where_the_transport_has_it_and_what_workers_keep_is_copied()
    {
        var submission = Submission with { Weights = new byte[1000] };

        Assert.True(IsLent(submission, s => s.Weights));
        Assert.False(IsLent(new WeightsFetched { Weights = submission.Weights }, f => f.Weights));
        Assert.False(IsLent(Round with { Weights = submission.Weights }, r => r.Weights));

        static bool IsLent<T>(T message, Func<T, ReadOnlyMemory<byte>> weights) where T : class
        {
            var buffer = MessageFrame.Write(message);
            var types = new DictionarySendHeaders();
            types.Set(MessageHeaders.MessageType, MessageUrn.ForTypeString<T>());
            Assert.True(new WeightsSerializer().Deserialize(new MemoryMessageBody(buffer), types).TryGetMessage<T>(out var read));
            var before = weights(read!).ToArray();
            buffer.AsSpan().Fill(9);
            return !weights(read!).Span.SequenceEqual(before);
        }
    }

    [Fact]
    public void A_frame_that_is_none_is_refused_with_a_sentence()
    {
        var frame = MessageFrame.Write(Submission);
        var json = frame.Length - Submission.Weights.Length;

        for (var length = 0; length < json; length++)
            Assert.Throws<SerializationException>(() => MessageFrame.Read(typeof(WeightsSubmitted), frame.AsMemory(0, length)));
        Assert.Equal("A WeightsSubmitted does not begin with 'FQW1'.", Assert.Throws<SerializationException>(
            () => MessageFrame.Read(typeof(WeightsSubmitted), "{ \"no\": true }"u8.ToArray())).Message);
        Assert.Throws<SerializationException>(() => MessageFrame.Read(typeof(WeightsSubmitted), (byte[])[.. "FQW1"u8, 255, 255, 255, 255]));
    }

    [Fact]
    public async Task On_the_queue_weights_are_bytes_the_rest_is_JSON_and_JSON_with_weights_is_still_read()
    {
        var heard = Channel.CreateUnbounded<(string? ContentType, long Length, object Message, Guid? Id)>();
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?> { ["FedQueue:Transport"] = "InMemory" });
        builder.Services.AddFedQueueBus(builder.Configuration, bus => bus.AddConsumer<Listener>());
        builder.Services.AddSingleton(heard);
        using var host = builder.Build();
        LogContext.ConfigureCurrentLogContext(host.Services.GetRequiredService<ILoggerFactory>());
        await host.StartAsync();
        var bus = host.Services.GetRequiredService<IBus>();
        var submission = Submission with { Weights = new byte[40_000] };
        var id = Guid.NewGuid();

        await bus.Publish(submission, context => context.MessageId = id);
        var binary = await heard.Reader.ReadAsync();
        await bus.Publish(submission, context => context.Serializer = SystemTextJsonMessageSerializer.Instance);
        var old = await heard.Reader.ReadAsync();
        await bus.Publish(Progress);
        var other = await heard.Reader.ReadAsync();
        await host.StopAsync();

        Assert.Equal(("application/vnd.fedqueue.weights", id), (binary.ContentType, binary.Id));
        Assert.InRange(binary.Length, 40_000, 41_500);
        Assert.Equal("application/vnd.masstransit+json", old.ContentType);
        Assert.True(old.Length > 53_000, $"{old.Length} bytes are less than base64 needs.");
        Assert.Equal("application/vnd.masstransit+json", other.ContentType);
        Assert.All([binary, old], m => Assert.Equal(JsonSerializer.Serialize(submission), JsonSerializer.Serialize((WeightsSubmitted)m.Message)));
        Assert.Equal(Progress, other.Message);
    }

    private static readonly RoundStarted Round = new()
    {
        RoundId = RoundIdentity.Of("run", 3),
        RunId = "run",
        Round = 3,
        Rounds = 10,
        EvaluateOnly = false,
        Participants = ["a", "b"],
        Columns = new ColumnPlan { Features = ["Progress"], TargetCap = 125 },
        Model = new ModelPlan { Inputs = 1 },
        Training = new TrainingPlan(),
        Seed = ulong.MaxValue,
        ClosesAt = DateTimeOffset.UnixEpoch,
        Weights = default,
        WeightsSha256 = "none",
    };

    private static readonly WeightsSubmitted Submission = new()
    {
        RoundId = RoundIdentity.Of("run", 3),
        RunId = "run",
        Round = 3,
        Participant = "a",
        WorkerId = "edge-1",
        SampleCount = 950,
        Weights = new byte[] { 1, 2, 3, 4 },
        GlobalError = new HeldOutError { WindowCount = 240, MeanSquaredError = 12.25, MeanAbsoluteError = 2.5 },
        LocalError = new HeldOutError { WindowCount = 240, MeanSquaredError = 1.25, MeanAbsoluteError = 0.5 },
        TrainingLoss = 0.0125,
        TrainingTime = TimeSpan.FromSeconds(1.5),
    };

    private static readonly TrainingProgressed Progress =
        new() { RunId = "run", Round = 3, Participant = "a", Epoch = 2, Epochs = 100, Loss = 0.5 };

    private sealed class Listener(Channel<(string? ContentType, long Length, object Message, Guid? Id)> heard)
        : IConsumer<WeightsSubmitted>, IConsumer<TrainingProgressed>
    {
        public Task Consume(ConsumeContext<WeightsSubmitted> context) => Hear(context, context.Message);

        public Task Consume(ConsumeContext<TrainingProgressed> context) => Hear(context, context.Message);

        private async Task Hear(ConsumeContext context, object message) => await heard.Writer.WriteAsync(
            (context.ReceiveContext.ContentType?.MediaType, context.ReceiveContext.Body.Length ?? -1, message, context.MessageId));
    }
}
