using System.Text.Json;
using FedQueue.Aggregator;
using FedQueue.Aggregator.Rounds;
using FedQueue.Aggregator.Storage;
using FedQueue.Contracts;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace FedQueue.System.Tests.Storage;

/// <summary>What every store must do.</summary>
public sealed class StoreTests(PostgresServer server) : IClassFixture<PostgresServer>
{
    [Theory, OnSqlite, OnPostgres]
    public async Task Weights_in_parts_come_back_as_they_were_written_in_any_stretches(string provider)
    {
        await using var store = await StoreUnderTest.Create(provider, server);
        var plan = new ModelPlan { Inputs = 8, Units = 128 };
        var bytes = WeightBytes.From(InitialWeights.Create(plan, seed: 7));
        await using (var db = store.Open())
        {
            await db.Transact(() => ModelRow.AddInitial(db, "run", plan, 7, partLength: 100_000, CancellationToken.None), CancellationToken.None);
            await Assert.ThrowsAsync<InvalidOperationException>(() => db.Transact(
                async () =>
                {
                    await ModelRow.AddInitial(db, "another", plan, 7, partLength: 100_000, CancellationToken.None);
                    throw new InvalidOperationException();
                },
                CancellationToken.None));
        }

        await using var other = store.Open();
        var model = await other.Models.SingleAsync();
        Assert.Equal((WeightBytes.Sha256(bytes), 3, bytes.Length), (model.WeightsSha256, await other.ModelParts.CountAsync(), model.Length));
        Assert.Equal(model.WeightsSha256, await ModelRow.Sha256Of(other, model, CancellationToken.None));
        Assert.Equal(bytes, await ModelRow.Read(other, model, CancellationToken.None));
        foreach (var (start, length) in new[] { (0, 100_000), (200_000, 60_000), (99_996, 100_008), (4, 0), (270_000, bytes.Length - 270_000) })
        {
            var stretch = new byte[length];
            Assert.True(await ModelRow.Read(other, model, start, stretch, CancellationToken.None));
            Assert.Equal(bytes[start..(start + length)], stretch);
        }

        Assert.Null(await other.Part(ModelPartRow.Key("run", 0, 4), CancellationToken.None));

        await other.ModelParts.Where(part => part.Part == 2).ExecuteDeleteAsync();
        Assert.Null(await ModelRow.Sha256Of(other, model, CancellationToken.None));
        Assert.Null(await ModelRow.Read(other, model, CancellationToken.None));
        Assert.True(await ModelRow.Read(other, model, 0, new byte[100_000], CancellationToken.None));
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task A_transaction_stores_rows_history_and_messages_at_once(string provider)
    {
        await using var store = await StoreUnderTest.Create(provider, server);
        float[] weights = [1.5f, float.MaxValue, -0f];
        await using (var db = store.Open())
            await db.Transact(() =>
            {
                db.Models.Add(ModelRow.For("run", 3, WeightBytes.From(weights)));
                db.Rounds.Add(Round("run", 3));
                db.Note("run", 3, EventKind.RoundOpened, null, "Ünïcode.");
                db.Publish(new RunFailed { RunId = "run", Reason = "first" });
                db.Publish(new RunFailed { RunId = "run", Reason = "second" });
                return Task.CompletedTask;
            }, CancellationToken.None);

        await using var other = store.Open();
        Assert.Equal(weights, WeightBytes.ToFloats((await other.Models.SingleAsync()).Weights));
        Assert.Equal("Ünïcode.", (await other.Events.SingleAsync()).Text);
        Assert.Equal(["first", "second"], (await other.Outbox.OrderBy(row => row.Id).ToListAsync()).Select(row => ((RunFailed)row.Read()).Reason));
        var (round, written) = (await other.Rounds.SingleAsync(), Round("run", 3));
        Assert.Equal(["b", "a"], round.Submitted);
        Assert.Equal((written.ClosesAt, written.CorrelationId), (round.ClosesAt, round.CorrelationId));
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task Parts_are_kept_once_hashed_together_and_those_of_no_submission_are_swept(string provider)
    {
        await using var store = await StoreUnderTest.Create(provider, server);
        byte[] whole = [.. Enumerable.Range(0, 20).Select(i => (byte)i)];
        var right = WeightBytes.Sha256(whole);
        await using var db = store.Open();
        var parts = new SubmissionParts(db);

        await Assert.ThrowsAsync<InvalidOperationException>(() => parts.Keep(Part("a", 2, whole[12..], right), CancellationToken.None));
        Assert.Equal(1, await Keep(Part("a", 2, whole[12..], right)));
        Assert.Equal(1, await Keep(Part("b", 1, whole[..12], right)));
        Assert.Equal(0, await Keep(Part("a", 1, whole[..12], right)));
        Assert.Null(await Keep(Part("a", 1, whole[..12], right)));
        Assert.Null(await parts.ProblemOf(Part("a", 1, [], right), CancellationToken.None));

        db.Submissions.Add(SubmissionRow.For(Part("a", 1, [], right), db.Now));
        await db.SaveChangesAsync();
        await parts.Sweep(Round("run", 1), new ModelPlan { Inputs = 1, Units = 1 }, CancellationToken.None);

        await using var other = store.Open();
        Assert.Equal(["a", "a"], await other.SubmissionParts.Select(p => p.Participant).ToListAsync());
        Assert.Equal(right, await SubmissionParts.Sha256Of(other, await other.Submissions.SingleAsync(), CancellationToken.None));

        async Task<int?> Keep(WeightsSubmitted part)
        {
            int? missing = null;
            await db.Transact(async () => missing = await parts.Keep(part, CancellationToken.None), CancellationToken.None);
            return missing;
        }
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task A_change_that_fails_leaves_nothing(string provider)
    {
        await using var store = await StoreUnderTest.Create(provider, server);
        await using (var db = store.Open())
            await Assert.ThrowsAsync<FormatException>(() => db.Transact(async () =>
            {
                db.Participants.Add(new ParticipantRow { Name = "a" });
                db.Publish(new RunFailed { RunId = "run", Reason = "never" });
                await db.SaveChangesAsync();
                throw new FormatException();
            }, CancellationToken.None));

        await using var other = store.Open();
        Assert.False(await other.Participants.AnyAsync());
        Assert.False(await other.Outbox.AnyAsync());
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task Transactions_of_several_processes_happen_one_after_the_other(string provider)
    {
        await using var store = await StoreUnderTest.Create(provider, server);
        await using (var db = store.Open())
            await db.Transact(() => Task.FromResult(db.Rounds.Add(Round("run", 1))), CancellationToken.None);

        // What is read, changed and written by two at once would lose one of the changes.
        await Task.WhenAll(Enumerable.Range(0, 4).Select(number => Task.Run(async () =>
        {
            for (var i = 0; i < 10; i++)
            {
                await using var db = store.Open();
                await db.Transact(async () =>
                {
                    var round = await db.Rounds.SingleAsync();
                    round.Failed = [.. round.Failed, $"{number}/{i}"];
                }, CancellationToken.None);
            }
        })));

        await using var other = store.Open();
        Assert.Equal(40, (await other.Rounds.SingleAsync()).Failed.Distinct().Count());
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task The_outbox_is_published_in_order_and_what_could_not_be_sent_stays(string provider)
    {
        await using var store = await StoreUnderTest.Create(provider, server);
        await using var db = store.Open();
        await db.Transact(() =>
        {
            for (var number = 1; number <= 3; number++)
                db.Publish(new RunFailed { RunId = "run", Reason = $"{number}" });
            return Task.CompletedTask;
        }, CancellationToken.None);
        var outgoing = new Outgoing { FailsAt = "2" };
        using var relay = Relay(outgoing);

        await Assert.ThrowsAsync<OutgoingException>(() => relay.PublishBatch(db, CancellationToken.None));
        outgoing.FailsAt = null;
        Assert.Equal(2, await relay.PublishBatch(db, CancellationToken.None));

        Assert.Equal(["1", "2", "3"], outgoing.Sent);
        Assert.Equal(0, await relay.PublishBatch(db, CancellationToken.None));
    }

    [Theory, OnPostgres]
    public async Task Only_one_of_several_aggregators_publishes_and_the_next_one_does_when_it_is_gone(string provider)
    {
        await using var store = await StoreUnderTest.Create(provider, server);
        await using var first = store.Open();
        await using var second = store.Open();
        var turn = await first.TakeOutbox(CancellationToken.None);

        Assert.NotNull(turn);
        Assert.Null(await second.TakeOutbox(CancellationToken.None));

        // As when its process is killed: the server ends the connection.
        await using (var killer = store.Open())
            await killer.Database.ExecuteSqlRawAsync("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'");
        await Eventually.Holds(async () => await second.TakeOutbox(CancellationToken.None) is not null, () => "the second publishes");
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task The_history_can_neither_be_changed_nor_shortened(string provider)
    {
        await using var store = await StoreUnderTest.Create(provider, server);
        await using var db = store.Open();
        await db.Transact(() =>
        {
            db.Note("run", 1, EventKind.Submitted, "a", "what was");
            return Task.CompletedTask;
        }, CancellationToken.None);

        Assert.Contains("only ever appended", (await Assert.ThrowsAnyAsync<Exception>(
            () => db.Events.ExecuteUpdateAsync(e => e.SetProperty(row => row.Text, "what was not")))).Message, StringComparison.Ordinal);
        Assert.Contains("only ever appended", (await Assert.ThrowsAnyAsync<Exception>(() => db.Events.ExecuteDeleteAsync())).Message, StringComparison.Ordinal);
        Assert.Equal("what was", (await db.Events.AsNoTracking().SingleAsync()).Text);
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task A_database_of_a_newer_program_is_refused_with_a_sentence(string provider)
    {
        await using var store = await StoreUnderTest.Create(provider, server);
        await using (var db = store.Open())
            await db.Database.ExecuteSqlRawAsync("INSERT INTO \"__EFMigrationsHistory\" VALUES ('29991231235959_Later', '99.0')");

        var problem = (await Assert.ThrowsAsync<StartupException>(() => Prepare(store))).Message;

        Assert.Contains("was written by a newer FedQueue (schema 29991231235959_Later; this program knows up to", problem, StringComparison.Ordinal);
        Assert.EndsWith("start the newer program, or use another database.", problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_of_the_first_version_is_opened_and_its_waiting_run_has_a_day_from_its_creation()
    {
        await using var store = new StoreUnderTest(postgres: null);
        var created = DateTimeOffset.UtcNow;
        await using (var old = store.Open())
        {
            await old.GetService<IMigrator>().MigrateAsync("20261123183042_Initial");
            await old.Database.ExecuteSqlAsync(
                $"INSERT INTO Runs (Id, PlanJson, CreatedAt, Status, Goal, Minimum, Round) VALUES ('old', {JsonSerializer.Serialize(new RunPlan())}, {created.UtcTicks}, 0, 0, 0, 0)");
            await old.Database.ExecuteSqlRawAsync("INSERT INTO Events (RunId, At, Kind, Text) VALUES ('old', 0, 'run created', 'long ago')");

            // Of a start that was killed in the midst of a migration.
            await old.Database.ExecuteSqlRawAsync("INSERT INTO __EFMigrationsLock VALUES (1, '2026-11-23')");
        }

        await Prepare(store);

        await using var db = store.Open();
        Assert.Equal(created + TimeSpan.FromDays(1), (await db.Runs.SingleAsync()).StartsBy);
        Assert.Equal(["long ago", "started"], (await db.Events.OrderBy(e => e.Id).ToListAsync()).Select(e => e.Kind == EventKind.AggregatorStarted ? "started" : e.Text));
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task Time_without_any_aggregator_moves_the_deadline_of_an_open_round(string provider)
    {
        await using var store = await StoreUnderTest.Create(provider, server);
        var opened = DateTimeOffset.UtcNow - TimeSpan.FromHours(9);
        await using (var db = store.Open())
            await db.Transact(() =>
            {
                db.Runs.Add(RunRow.For(new StartRun { RunId = "run", Plan = new RunPlan() }, opened));
                db.Rounds.Add(Round("run", 1, opened + TimeSpan.FromMinutes(10)));
                db.Aggregators.Add(new AggregatorRow { Id = "before", StartedAt = opened, LastAlive = opened + TimeSpan.FromMinutes(1) });
                return Task.CompletedTask;
            }, CancellationToken.None);

        await Prepare(store);

        await using var other = store.Open();
        var left = (await other.Rounds.SingleAsync()).ClosesAt - DateTimeOffset.UtcNow;
        Assert.InRange(left, TimeSpan.FromMinutes(8.5), TimeSpan.FromMinutes(9));
        Assert.Contains("s without any; the deadline moves by as much.", (await other.Events.SingleAsync()).Text, StringComparison.Ordinal);
    }

    private static async Task Prepare(StoreUnderTest store)
    {
        var services = new ServiceCollection()
            .AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(store.Settings).Build())
            .AddLogging();
        services.AddAggregator();
        await using var provider = services.BuildServiceProvider();
        await AggregatorRegistration.PrepareStorage(provider);
    }

    private static OutboxRelay Relay(IOutgoing outgoing)
    {
        var state = DesignTimeState.Create();
        return new OutboxRelay(new NoScopes(), outgoing, new GlobalWeights(), state.Outbox, state.Outage, TimeProvider.System, NullLogger<OutboxRelay>.Instance);
    }

    private static WeightsSubmitted Part(string participant, int part, byte[] weights, string sha256) => new()
    {
        RoundId = RoundIdentity.Of("run", 1),
        RunId = "run",
        Round = 1,
        Participant = participant,
        WorkerId = "w",
        SampleCount = 1,
        Weights = weights,
        Part = part,
        Parts = 2,
        WeightsSha256 = sha256,
        GlobalError = new HeldOutError { WindowCount = 1, MeanSquaredError = 1, MeanAbsoluteError = 1 },
        LocalError = new HeldOutError { WindowCount = 1, MeanSquaredError = 1, MeanAbsoluteError = 1 },
        TrainingLoss = 1,
        TrainingTime = TimeSpan.FromSeconds(1),
    };

    private static RoundState Round(string runId, int number, DateTimeOffset? closesAt = null) => new()
    {
        CorrelationId = RoundIdentity.Of(runId, number),
        CurrentState = "Collecting",
        RunId = runId,
        Round = number,
        PartLength = 12,
        Participants = ["a", "b", "c"],
        Submitted = ["b", "a"],
        OpenedAt = DateTimeOffset.UnixEpoch,
        ClosesAt = closesAt ?? DateTimeOffset.UnixEpoch.AddTicks(1),
    };

    private sealed class Outgoing : IOutgoing
    {
        public string? FailsAt { get; set; }

        public List<string> Sent { get; } = [];

        public Task Publish(object message, Guid id, string? queue, CancellationToken cancellationToken)
        {
            var reason = ((RunFailed)message).Reason;
            if (reason == FailsAt)
                throw new OutgoingException(new IOException("away"));
            Sent.Add(reason);
            return Task.CompletedTask;
        }
    }

    private sealed class NoScopes : IServiceScopeFactory
    {
        public IServiceScope CreateScope() => throw new NotSupportedException();
    }
}
