using System.Collections.Concurrent;
using System.Globalization;
using FedQueue.Contracts;
using FedQueue.Worker.Participants;
using FedQueue.Worker.Training;
using MassTransit;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace FedQueue.Worker.Tests.Participants;

/// <summary>A worker as the service registers it, with an aggregator that says what the test wants and a trainer that takes no time.</summary>
public sealed class SessionTests
{
    [Fact]
    public async Task A_worker_trains_the_round_of_the_participant_it_was_given_and_submits()
    {
        await using var worker = await Running.Start(("task_001", Csv(40)), ("task_005", Csv(40)));
        Assert.Equal(["task_001", "task_005"], (await worker.Next<ClaimParticipant>()).Candidates);
        await worker.Next<RenewClaim>();

        await worker.Bus.Publish(Round("run", 1, ["task_005"], epochs: 3));

        var submitted = await worker.Next<WeightsSubmitted>();
        Assert.Equal(("task_005", 1), (submitted.Participant, submitted.Round));
        Assert.Equal(30, submitted.SampleCount); // 32 training rows, of which the first two are only in windows.
        Assert.Equal(8, submitted.GlobalError.WindowCount);
        Assert.All(WeightBytes.ToFloats(submitted.Weights.Span), weight => Assert.Equal(StubTrainer.Trained, weight));
    }

    [Fact]
    public async Task The_last_round_is_evaluated_and_not_trained()
    {
        await using var worker = await Running.Start(("task_005", Csv(40)));
        await worker.Next<RenewClaim>();

        await worker.Bus.Publish(Round("run", 2, ["task_005"], evaluateOnly: true));

        Assert.Equal(8, (await worker.Next<ModelEvaluated>()).GlobalError.WindowCount);
        Assert.Empty(worker.Heard.OfType<WeightsSubmitted>());
    }

    [Fact]
    public async Task A_run_that_asks_for_it_is_followed_by_a_model_of_the_own_rows_for_as_many_epochs()
    {
        var answers = new Answers();
        await using var worker = await Running.Start(answers, ("task_005", Csv(40)));
        await worker.Next<RenewClaim>();

        await worker.Bus.Publish(Round("run", 11, ["task_005"], epochs: 3, evaluateOnly: true) with { CompareLocal = true });

        var local = await worker.Next<LocalModelEvaluated>();
        var evaluated = await worker.Next<ModelEvaluated>();
        Assert.Equal(("task_005", 8), (local.Participant, local.Error.WindowCount));
        Assert.Equal([30], answers.Trained);
        Assert.Equal(8, evaluated.MeanError!.WindowCount);

        // Rows 33 to 40 after rows 32 to 39.
        Assert.Equal(1, evaluated.RepeatLastError!.MeanSquaredError, 1e-6);
    }

    [Fact]
    public async Task A_model_of_the_own_rows_that_cannot_be_trained_costs_no_later_round_its_answer()
    {
        await using var worker = await Running.Start(new Answers { FailsFromEpochs = 30 }, ("task_005", Csv(40)));
        await worker.Next<RenewClaim>();
        await worker.Bus.Publish(Round("run", 11, ["task_005"], epochs: 3, evaluateOnly: true) with { CompareLocal = true });
        await worker.Next<ModelEvaluated>();

        await worker.Bus.Publish(Round("other", 1, ["task_005"]));

        Assert.Equal("other", (await worker.Next<WeightsSubmitted>()).RunId);
    }

    [Fact]
    public async Task A_model_of_the_own_rows_is_left_when_another_run_begins()
    {
        await using var worker = await Running.Start(new Answers { EndlessFromEpochs = 30 }, ("task_005", Csv(40)));
        await worker.Next<RenewClaim>();
        await worker.Bus.Publish(Round("run", 11, ["task_005"], epochs: 3, evaluateOnly: true) with { CompareLocal = true });
        await worker.Next<ModelEvaluated>();

        await worker.Bus.Publish(Round("other", 1, ["task_005"]));

        Assert.Equal("other", (await worker.Next<WeightsSubmitted>()).RunId);
        Assert.Empty(worker.Heard.OfType<LocalModelEvaluated>());
    }

    [Fact]
    public async Task Data_that_cannot_be_trained_on_is_reported_with_its_sentence()
    {
        await using var worker = await Running.Start(("task_005", "Progress\n1\nmany\n"));
        await worker.Next<RenewClaim>();

        await worker.Bus.Publish(Round("run", 1, ["task_005"]));

        var failed = await worker.Next<TrainingFailed>();
        Assert.Contains("task_005.csv", failed.Reason, StringComparison.Ordinal);
        Assert.Contains("many", failed.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_plan_that_comes_with_the_participant_is_looked_at_before_the_first_renewal()
    {
        var plan = new PlanOffered { RunId = "run", Columns = Round("run", 1, []).Columns };
        await using var worker = await Running.Start(new Answers { Plans = [plan, plan with { RunId = "other", Columns = plan.Columns with { Features = ["Speed"] } }] }, ("task_005", Csv(40)));

        var told = (await worker.Next<RenewClaim>()).Checked!;

        Assert.Equal([plan.Key()], told.Where(check => check.Problem is null).Select(check => check.Key));
        Assert.Contains("the header lacks 'Speed'", Assert.Single(told, check => check.Problem is not null).Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_would_not_do_is_looked_at_again_when_it_has_changed()
    {
        var plan = new PlanOffered { RunId = "run", Columns = Round("run", 1, []).Columns };
        await using var worker = await Running.Start(new Answers { Plans = [plan], Lease = TimeSpan.FromSeconds(1) }, ("task_005", "Speed\n1\n"));
        Assert.NotNull(Assert.Single((await worker.Next<RenewClaim>()).Checked!).Problem);

        worker.Write("task_005", Csv(40));

        await Running.Until(() => worker.Heard.OfType<RenewClaim>().Any(renewal => renewal.Checked?.Any(check => check.Problem is null) == true));
    }

    [Theory]
    [InlineData(RoundStanding.Closed, true)]
    [InlineData(RoundStanding.Open, false)]
    public async Task Whether_a_run_is_cancelled_says_the_aggregator_and_not_the_message(RoundStanding standing, bool isLeft)
    {
        var answers = new Answers { EndlessFromEpochs = 3, Standing = standing };
        await using var worker = await Running.Start(answers, ("task_005", Csv(40)));
        await worker.Next<RenewClaim>();
        await worker.Bus.Publish(Round("run", 1, ["task_005"], epochs: 3));
        await Running.Until(() => answers.Began.Count == 1);

        await worker.Bus.Publish(new RunCancelled { RunId = "run", Reason = "A person wants it." });

        Assert.Equal(Round("run", 1, []).RoundId, (await worker.Next<RenewClaim>(count: 2)).NewestRoundId);
        if (isLeft)
            await Running.Until(() => answers.Left.Count == 1);
        await worker.Bus.Publish(Round("next", 1, ["task_005"]));
        Assert.Equal("next", (await worker.Next<WeightsSubmitted>()).RunId);
    }

    [Fact]
    public async Task A_round_beyond_the_limits_is_refused_before_anything_of_it_is_made()
    {
        await using var worker = await Running.Start(("task_005", Csv(40)));
        await worker.Next<RenewClaim>();
        var round = Round("run", 1, ["task_005"]);

        await worker.Bus.Publish(round with { Model = round.Model with { Units = 2_000_000_000 }, Weights = default });
        await worker.Bus.Publish(round with { RoundId = Guid.NewGuid() });
        await worker.Bus.Publish(Round("run", 2, ["task_005"]));

        Assert.Equal(2, (await worker.Next<WeightsSubmitted>()).Round);
        Assert.Empty(worker.Heard.OfType<TrainingFailed>());
    }

    [Fact]
    public async Task A_model_that_is_larger_than_the_worker_takes_is_reported()
    {
        await using var worker = await Running.Start(("task_005", Csv(40)));
        await worker.Next<RenewClaim>();
        var round = Round("run", 1, ["task_005"]);

        await worker.Bus.Publish(round with { Model = round.Model with { Units = 4096, Layers = 16 }, Weights = default, WeightsSha256 = new string('0', 64) });

        Assert.Contains("at most 50,000,000 are allowed here (FedQueue:Worker:MostParameters)", (await worker.Next<TrainingFailed>()).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_engine_that_the_worker_does_not_have_is_reported_with_those_it_has()
    {
        await using var worker = await Running.Start(("task_005", Csv(40)));
        await worker.Next<RenewClaim>();

        await worker.Bus.Publish(Round("run", 1, ["task_005"]) with { Training = new TrainingPlan { Engine = "cuda" } });

        Assert.Equal("This worker has no engine 'cuda' but auto, simd, torch; update the worker.", (await worker.Next<TrainingFailed>()).Reason);
    }

    [Fact]
    public async Task A_round_without_the_participant_is_left_to_the_others()
    {
        await using var worker = await Running.Start(("task_005", Csv(40)));
        await worker.Next<RenewClaim>();

        await worker.Bus.Publish(Round("run", 1, ["task_001"]));
        await worker.Bus.Publish(Round("run", 2, ["task_005"]));

        await worker.Next<WeightsSubmitted>();
        Assert.Equal(2, Assert.Single(worker.Heard.OfType<WeightsSubmitted>()).Round);
    }

    [Fact]
    public async Task A_worker_that_stops_in_order_gives_its_participant_back()
    {
        var worker = await Running.Start(("task_005", Csv(40)));
        var renewal = await worker.Next<RenewClaim>();

        await worker.StopWorker();

        var released = await worker.Next<ReleaseParticipant>();
        Assert.Equal((renewal.WorkerId, "task_005"), (released.WorkerId, released.Participant));
        await worker.DisposeAsync();
    }

    [Fact]
    public async Task A_worker_that_stops_waits_until_every_participant_is_given_back()
    {
        await using var worker = await Running.Start(new Answers { GrantedClaims = 1, Slots = 2 }, ("task_005", Csv(40)));
        await worker.Next<RenewClaim>();
        await worker.Next<ClaimParticipant>(count: 2);
        var published = new Published();
        using var observing = worker.Bus.ConnectPublishObserver(published);

        // The spare has nothing to give back, so it ends first.
        await worker.StopWorker();

        Assert.Equal("task_005", Assert.Single(published.Messages.OfType<ReleaseParticipant>()).Participant);
    }

    [Fact]
    public async Task A_session_that_fails_ends_the_others_in_order()
    {
        await using var worker = await Running.Start(new Answers { Slots = 2, QueuesUntilOneFails = 1 }, ("task_005", Csv(40)));

        var released = await worker.Next<ReleaseParticipant>();

        Assert.Contains(released.WorkerId, worker.Heard.OfType<ClaimParticipant>().Select(claim => claim.WorkerId));
        Assert.Equal("No queue can be made.", (await Assert.ThrowsAsync<InvalidOperationException>(() => worker.Ended)).Message);
    }

    [Fact]
    public async Task A_spare_asks_again_until_a_participant_is_free()
    {
        await using var worker = await Running.Start(new Answers { RefusedClaims = 2 }, ("task_005", Csv(40)));

        await worker.Next<RenewClaim>();

        Assert.Equal(3, worker.Heard.OfType<ClaimParticipant>().Count());
    }

    [Fact]
    public async Task A_lost_renewal_is_repeated_before_the_lease_lapses()
    {
        var answers = new Answers { Lease = TimeSpan.FromSeconds(3), LostRenewals = 1 };
        await using var worker = await Running.Start(answers, ("task_005", Csv(40)));

        await worker.Next<RenewClaim>(count: 2);

        Assert.InRange(worker.LostRenewalExpired!.Value, answers.Lease / 3, answers.Lease);
    }

    [Fact]
    public async Task An_aggregator_that_fails_on_a_request_is_asked_again()
    {
        await using var worker = await Running.Start(new Answers { Lease = TimeSpan.FromSeconds(3), FailOnFirst = true }, ("task_005", Csv(40)));

        await worker.Next<ClaimParticipant>(count: 2);
        await worker.Next<RenewClaim>(count: 2);

        await worker.Bus.Publish(Round("run", 1, ["task_005"]));
        await worker.Next<WeightsSubmitted>();
    }

    [Fact]
    public async Task A_queue_that_cannot_be_read_is_given_up_with_the_lease_and_claimed_again()
    {
        await using var worker = await Running.Start(
            new Answers { Lease = TimeSpan.FromSeconds(1), UnreadableQueues = 1 }, ("task_005", Csv(40)));

        await worker.Next<ClaimParticipant>(count: 2);
        await worker.Next<RenewClaim>();

        await worker.Bus.Publish(Round("run", 1, ["task_005"]));
        await worker.Next<WeightsSubmitted>();
    }

    [Fact]
    public async Task Large_weights_are_fetched_in_parts_again_when_they_are_not_what_was_announced_and_submitted_in_parts()
    {
        var round = Round("run", 1, ["task_005"]);
        var global = WeightBytes.From([.. Enumerable.Range(0, round.Model.ParameterCount()).Select(i => (float)i)]);
        await using var worker = await Running.Start(new Answers { Lease = TimeSpan.FromSeconds(3), Global = global, FailOnFirst = true, SpoiltParts = 1 }, ("task_005", Csv(40)));
        await worker.Next<RenewClaim>(count: 2);

        // 18 parameters are 72 bytes: two parts of 32 and one of 8.
        await worker.Bus.Publish(round with { Weights = default, WeightsSha256 = WeightBytes.Sha256(global), PartLength = 32 });

        await worker.Next<WeightsSubmitted>(count: 3);
        var parts = worker.Heard.OfType<WeightsSubmitted>().OrderBy(part => part.Part).ToList();
        Assert.Equal([(1, 3, 32), (2, 3, 32), (3, 3, 8)], parts.Select(part => (part.Part, part.Parts, part.Weights.Length)));
        var whole = parts.SelectMany(part => part.Weights.ToArray()).ToArray();
        Assert.All(parts, part => Assert.Equal(WeightBytes.Sha256(whole), part.WeightsSha256));
        Assert.All(WeightBytes.ToFloats(whole), weight => Assert.Equal(StubTrainer.Trained, weight));
        Assert.Equal([1, 1, 2, 3, 1, 2, 3], worker.Heard.OfType<FetchWeights>().Select(request => request.Part));
    }

    [Fact]
    public async Task Global_weights_that_the_aggregator_does_not_have_are_reported()
    {
        await using var worker = await Running.Start(("task_005", Csv(40)));
        await worker.Next<RenewClaim>();

        await worker.Bus.Publish(Round("run", 1, ["task_005"]) with { Weights = default, WeightsSha256 = new string('0', 64) });

        Assert.Equal("There are none.", (await worker.Next<TrainingFailed>()).Reason);
    }

    [Fact]
    public async Task Global_weights_that_are_never_what_was_announced_are_reported_after_three_tries()
    {
        var round = Round("run", 1, ["task_005"]);
        await using var worker = await Running.Start(
            new Answers { Global = new byte[round.Model.ParameterCount() * sizeof(float)] }, ("task_005", Csv(40)));
        await worker.Next<RenewClaim>();

        await worker.Bus.Publish(round with { Weights = default, WeightsSha256 = new string('0', 64) });

        Assert.Contains("came 3 times with another SHA-256", (await worker.Next<TrainingFailed>()).Reason, StringComparison.Ordinal);
        Assert.Equal(3, worker.Heard.OfType<FetchWeights>().Count());
    }

    internal static RoundStarted Round(string run, int number, string[] participants, int epochs = 1, bool evaluateOnly = false)
    {
        var model = new ModelPlan { Inputs = 1, Units = 1 };
        return new RoundStarted
        {
            RoundId = RoundIdentity.Of(run, number),
            RunId = run,
            Round = number,
            Rounds = 10,
            EvaluateOnly = evaluateOnly,
            Participants = participants,
            Columns = new ColumnPlan { Features = ["Progress"], Window = 2 },
            Model = model,
            Training = new TrainingPlan { Epochs = epochs },
            Seed = 1,
            ClosesAt = DateTimeOffset.UtcNow + TimeSpan.FromMinutes(10),
            Weights = new byte[model.ParameterCount() * sizeof(float)],
        };
    }

    private static string Csv(int rows) => "Progress\n" + string.Concat(Enumerable.Range(1, rows).Select(row => $"{row}\n"));

    private sealed class StubTrainer(Answers answers) : ITrainer
    {
        public const float Trained = 0.25f;

        public TrainingResult Train(TrainingJob job, Action<int, double> epochDone, CancellationToken cancellationToken)
        {
            answers.Began.Enqueue(job.Plan.Epochs);
            if (job.Plan.Epochs >= answers.EndlessFromEpochs)
            {
                cancellationToken.WaitHandle.WaitOne();
                answers.Left.Enqueue(job.Plan.Epochs);
            }

            cancellationToken.ThrowIfCancellationRequested();
            if (job.Plan.Epochs >= answers.FailsFromEpochs)
                throw new InvalidOperationException("Nobody thought of this.");
            answers.Trained.Enqueue(job.Plan.Epochs);
            for (var epoch = 1; epoch <= job.Plan.Epochs; epoch++)
                epochDone(epoch, 0.5);
            return new TrainingResult([.. job.Weights.Select(_ => Trained)], 0.5);
        }

        public float[] Predict(ModelPlan model, ReadOnlySpan<float> weights, float[] inputs, int window) =>
            new float[inputs.Length / (window * model.Inputs)];
    }

    /// <summary>What the aggregator does with a worker's requests, and the trainer.</summary>
    private sealed record Answers
    {
        public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(30);

        /// <summary>Claims, from the first, for which there is no free participant.</summary>
        public int RefusedClaims { get; init; }

        /// <summary>Renewals, from the first, that nobody answers.</summary>
        public int LostRenewals { get; init; }

        /// <summary>The first request of each kind ends with an error.</summary>
        public bool FailOnFirst { get; init; }

        /// <summary>Weights that can be fetched; null: there are none.</summary>
        public byte[]? Global { get; init; }

        /// <summary>Parts, from the first, that have other bytes than they should.</summary>
        public int SpoiltParts { get; init; }

        /// <summary>Trainings of so many epochs end only when they are given up.</summary>
        public int EndlessFromEpochs { get; init; } = int.MaxValue;

        /// <summary>Trainings of so many epochs end with an error that nobody expects.</summary>
        public int FailsFromEpochs { get; init; } = int.MaxValue;

        /// <summary>Plans to look at, that come with the participant.</summary>
        public IReadOnlyList<PlanOffered> Plans { get; init; } = [];

        /// <summary>How every round stands.</summary>
        public RoundStanding Standing { get; init; }

        /// <summary>Epochs of the trainings that have begun, and of those that were given up.</summary>
        public ConcurrentQueue<int> Began { get; } = new();

        public ConcurrentQueue<int> Left { get; } = new();

        /// <summary>Epochs of the trainings that have ended.</summary>
        public ConcurrentQueue<int> Trained { get; } = new();

        /// <summary>Claims that are granted after those that are refused; later ones are refused too.</summary>
        public int GrantedClaims { get; init; } = int.MaxValue / 2;

        /// <summary>Participants that the worker asks for at once.</summary>
        public int Slots { get; init; } = 1;

        /// <summary>Queues, from the first, that never become readable.</summary>
        public int UnreadableQueues { get; init; }

        /// <summary>Queues that are made before one cannot be.</summary>
        public int QueuesUntilOneFails { get; init; } = int.MaxValue;
    }

    /// <summary>What the bus has taken.</summary>
    private sealed class Published : IPublishObserver
    {
        public ConcurrentQueue<object> Messages { get; } = new();

        public Task PrePublish<T>(PublishContext<T> context) where T : class => Task.CompletedTask;

        public Task PostPublish<T>(PublishContext<T> context) where T : class
        {
            Messages.Enqueue(context.Message);
            return Task.CompletedTask;
        }

        public Task PublishFault<T>(PublishContext<T> context, Exception exception) where T : class => Task.CompletedTask;
    }

    /// <summary>A broker on which nothing can be read at first, or a queue cannot be made.</summary>
    private sealed class Unreadable(IReceiveEndpointConnector real, int left, int untilOneFails) : IReceiveEndpointConnector
    {
        private int left = left;
        private int untilOneFails = untilOneFails;

        public HostReceiveEndpointHandle ConnectReceiveEndpoint(
            string queueName, Action<IBusRegistrationContext, IReceiveEndpointConfigurator>? configure = null) =>
            untilOneFails-- == 0 ? throw new InvalidOperationException("No queue can be made.")
            : left-- > 0 ? new NeverReady() : real.ConnectReceiveEndpoint(queueName, configure);

        public HostReceiveEndpointHandle ConnectReceiveEndpoint(
            IEndpointDefinition definition, IEndpointNameFormatter? formatter, Action<IBusRegistrationContext, IReceiveEndpointConfigurator>? configure = null) =>
            throw new NotSupportedException();

        private sealed class NeverReady : HostReceiveEndpointHandle
        {
            public IReceiveEndpoint ReceiveEndpoint => throw new NotSupportedException();

            public Task<ReceiveEndpointReady> Ready { get; } = new TaskCompletionSource<ReceiveEndpointReady>().Task;

            public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
        }
    }

    private sealed class Running : IAsyncDisposable
    {
        private readonly IHost host;
        private readonly string folder;
        private readonly ConcurrentQueue<object> heard = new();
        private readonly Answers answers;

        private Running(string folder, Answers answers, (string Participant, string Csv)[] files)
        {
            (this.folder, this.answers) = (folder, answers);
            foreach (var (participant, csv) in files)
                Write(participant, csv);

            var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
            builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
            {
                ["FedQueue:Transport"] = "InMemory",
                ["FedQueue:Worker:DataDirectory"] = folder,
                ["FedQueue:Worker:SpareInterval"] = "00:00:00.100",
                ["FedQueue:Worker:Slots"] = answers.Slots.ToString(CultureInfo.InvariantCulture),
            });
            builder.Services.AddFedQueueBus(builder.Configuration, bus =>
            {
                bus.AddHandler<ClaimParticipant>(Answer);
                bus.AddHandler<RenewClaim>(Answer);
                bus.AddHandler<FetchWeights>(Answer);
                bus.AddHandler<WeightsSubmitted>(Listen);
                bus.AddHandler<ModelEvaluated>(Listen);
                bus.AddHandler<LocalModelEvaluated>(Listen);
                bus.AddHandler<TrainingFailed>(Listen);
                bus.AddHandler<ReleaseParticipant>(Listen);
            });
            builder.Services.AddSingleton(answers).AddWorker();
            builder.Services.AddKeyedSingleton<ITrainer, StubTrainer>(Engine.Torch);
            builder.Services.AddSingleton<IReceiveEndpointConnector>(services =>
                new Unreadable(services.GetRequiredService<MassTransit.Transports.IBusInstance>(), answers.UnreadableQueues, answers.QueuesUntilOneFails));
            host = builder.Build();
        }

        public IBus Bus => host.Services.GetRequiredService<IBus>();

        public IEnumerable<object> Heard => heard;

        /// <summary>How long the worker waits for the answer to a renewal that nobody answers.</summary>
        public TimeSpan? LostRenewalExpired { get; private set; }

        /// <summary>Done when the worker has no session left.</summary>
        public Task Ended => Worker.ExecuteTask!;

        private ParticipantHost Worker => host.Services.GetServices<IHostedService>().OfType<ParticipantHost>().Single();

        public static Task<Running> Start(params (string Participant, string Csv)[] files) => Start(new Answers(), files);

        public static async Task<Running> Start(Answers answers, params (string Participant, string Csv)[] files)
        {
            var running = new Running(Directory.CreateTempSubdirectory("fedqueue-").FullName, answers, files);

            // MassTransit's log context belongs to the process; without this a disposed one would be used.
            LogContext.ConfigureCurrentLogContext(running.host.Services.GetRequiredService<ILoggerFactory>());
            await running.host.StartAsync();
            return running;
        }

        public void Write(string participant, string csv) => File.WriteAllText(Path.Combine(folder, $"{participant}.csv"), csv);

        public async Task<T> Next<T>(int count = 1) where T : class
        {
            await Until(() => heard.OfType<T>().Count() >= count);
            return heard.OfType<T>().ElementAt(count - 1);
        }

        public static async Task Until(Func<bool> condition)
        {
            using var timeout = new CancellationTokenSource(Hang.Limit);
            using var poll = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
            while (!condition())
                await poll.WaitForNextTickAsync(timeout.Token);
        }

        /// <summary>Gives the last participant named, so that the worker has to take what it is given.</summary>
        public Task Answer(ConsumeContext<ClaimParticipant> context)
        {
            var number = Count(context.Message);
            if (number == 1 && answers.FailOnFirst)
                throw new InvalidOperationException("The database is away.");

            return number <= answers.RefusedClaims || number > answers.RefusedClaims + answers.GrantedClaims
                ? context.RespondAsync(new ParticipantUnavailable { Reason = "all are held" })
                : context.RespondAsync(new ParticipantClaimed { Participant = context.Message.Candidates[^1], Lease = answers.Lease, Plans = answers.Plans });
        }

        public Task Answer(ConsumeContext<RenewClaim> context)
        {
            var number = Count(context.Message);
            if (number == 1 && answers.FailOnFirst)
                throw new InvalidOperationException("The database is away.");

            if (number <= answers.LostRenewals)
                LostRenewalExpired = context.ExpirationTime - context.SentTime;
            return number <= answers.LostRenewals
                ? Task.CompletedTask
                : context.RespondAsync(new ParticipantClaimed { Participant = context.Message.Participant, Lease = answers.Lease, NewestRound = answers.Standing });
        }

        public Task Answer(ConsumeContext<FetchWeights> context)
        {
            var number = Count(context.Message);
            if (answers.Global is not { } global)
                return context.RespondAsync(new WeightsUnavailable { Reason = "There are none." });
            if (number == 1 && answers.FailOnFirst)
                throw new InvalidOperationException("The database is away.");

            var part = WeightParts.Of(global, context.Message.Part, context.Message.PartLength).ToArray();
            if (number - 1 <= answers.SpoiltParts)
                part[0]++;
            return context.RespondAsync(new WeightsFetched { Weights = part });
        }

        private int Count<T>(T message) where T : class
        {
            heard.Enqueue(message);
            return heard.OfType<T>().Count();
        }

        public Task Listen<T>(ConsumeContext<T> context) where T : class
        {
            heard.Enqueue(context.Message);
            return Task.CompletedTask;
        }

        public Task StopWorker() => Worker.StopAsync(CancellationToken.None);

        public async ValueTask DisposeAsync()
        {
            await host.StopAsync();
            host.Dispose();
            Directory.Delete(folder, recursive: true);
        }
    }
}
