using System.Data.Common;
using System.Text;
using FedQueue.Aggregator.Participants;
using FedQueue.Aggregator.Rounds;
using FedQueue.Contracts;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace FedQueue.Aggregator.Storage;

/// <summary>All that the aggregator knows. Changes go through <see cref="Transact"/>, messages among them through <see cref="Publish"/>.</summary>
internal abstract class FedQueueDbContext : DbContext
{
    private readonly StorageState state;

    /// <summary>What the transaction that is under way adds to the history.</summary>
    private readonly List<EventRow> noted = [];

    /// <summary>Its outgoing messages.</summary>
    private readonly List<OutboxRow> published = [];

    /// <summary>The run that it asked for.</summary>
    private RunRow? run;

    /// <summary>The rounds that it asked for or opened.</summary>
    private readonly Dictionary<Guid, RoundState> rounds = [];

    protected FedQueueDbContext(DbContextOptions options, StorageState state) : base(options)
    {
        this.state = state;

        // A transaction that fails is undone as a whole.
        Database.AutoSavepointsEnabled = false;
    }

    public DbSet<RunRow> Runs => Set<RunRow>();
    public DbSet<RoundState> Rounds => Set<RoundState>();
    public DbSet<SubmissionRow> Submissions => Set<SubmissionRow>();
    public DbSet<SubmissionPartRow> SubmissionParts => Set<SubmissionPartRow>();
    public DbSet<QuarantineRow> Quarantine => Set<QuarantineRow>();
    public DbSet<ModelRow> Models => Set<ModelRow>();
    public DbSet<ModelPartRow> ModelParts => Set<ModelPartRow>();
    public DbSet<ParticipantRow> Participants => Set<ParticipantRow>();
    public DbSet<AggregatorRow> Aggregators => Set<AggregatorRow>();
    public DbSet<OutboxRow> Outbox => Set<OutboxRow>();
    public DbSet<ForecastRow> Forecasts => Set<ForecastRow>();
    public DbSet<BaselineRow> Baselines => Set<BaselineRow>();
    public DbSet<EventRow> Events => Set<EventRow>();
    public DbSet<KeyRow> Keys => Set<KeyRow>();

    public DateTimeOffset Now => state.Clock.GetUtcNow();

    /// <summary>This start of the aggregator.</summary>
    public string AggregatorId => state.Identity.Id;

    protected TimeProvider Machine => state.Clock.Machine;

    /// <returns>The time, by the clock that decides.</returns>
    public virtual Task<ClockReading> ReadClock(CancellationToken cancellationToken) => Task.FromResult(ClockReading.Of(state.Clock.Machine));

    public Leases Leases => state.Leases;

    /// <summary>Trouble with the connection to the broker, as a part of a sentence; null when nothing is.</summary>
    public string? BrokerTrouble => state.Link.Trouble;

    /// <summary>As far as people are told: while the broker takes nothing, nobody is known to be gone.</summary>
    public bool IsThere(ParticipantRow participant) => Leases.IsHeard(participant) || (BrokerTrouble is not null && Leases.IsHeld(participant));

    public HotQueries Queries => state.Queries;

    /// <summary>Transactions of this process that were committed.</summary>
    public long Commits => state.Commits;

    /// <inheritdoc cref="StorageState.IsOneProcess"/>
    public bool IsOneProcess => state.IsOneProcess;

    public RunningHashes Hashes => state.Hashes;

    public HistoryNoise Noise => state.Noise;

    /// <summary>The database in a sentence for people, without its password.</summary>
    public abstract string Place { get; }

    /// <summary>
    /// The transaction rule: all that a message changes, outgoing messages included, is committed at once or not at all, and
    /// there is one transaction at a time.
    /// </summary>
    public async Task Transact(Func<Task> change, CancellationToken cancellationToken)
    {
        noted.Clear();
        published.Clear();
        run = null;
        rounds.Clear();
        try
        {
            using (await TakeTurn(cancellationToken))
            {
                await using var transaction = await Database.BeginTransactionAsync(cancellationToken);
                await WaitForOtherWriters(cancellationToken);
                await change();
                await SaveChangesAsync(cancellationToken);
                await Append(cancellationToken);
                await transaction.CommitAsync(cancellationToken);
                state.Committed();
                Written();

                // The relay waits for the flush itself.
                if (published.Count > 0)
                    state.Outbox.Set();
            }

            // What is committed is not to be handled again because somebody no longer waits for it.
            await UntilDurable(CancellationToken.None);
        }
        catch (Exception exception)
        {
            // What was not committed did not happen; whoever tries again with this context begins anew.
            ChangeTracker.Clear();
            Hashes.ForgetAll();
            if (StorageOutage.IsStorageProblem(exception))
                state.Outage.Failed(this, exception);
            throw;
        }

        state.Outage.Works(this);
        noted.ForEach(note => state.Metrics.Noted(note, this));
    }

    /// <summary>Reads between the transactions of this process, or writes what may get lost.</summary>
    public async Task Write(Func<Task> write, CancellationToken cancellationToken)
    {
        using (await TakeTurn(cancellationToken))
            await write();
    }

    /// <summary>A run that must exist; read once in a transaction.</summary>
    public async Task<RunRow> RunOf(string runId, CancellationToken cancellationToken)
    {
        if (run?.Id != runId)
            run = await Queries.Run(this, runId, cancellationToken);
        return run ?? throw new InvalidOperationException($"There is no run {runId} in the database.");
    }

    /// <summary>Read once in a transaction.</summary>
    /// <returns>Null when there is no such round.</returns>
    public async Task<RoundState?> RoundOf(Guid id, CancellationToken cancellationToken)
    {
        if (!rounds.TryGetValue(id, out var round) && (round = await Queries.Round(this, id, cancellationToken)) is not null)
            rounds.Add(id, round);
        return round;
    }

    public void AddRound(RoundState round)
    {
        Rounds.Add(round);
        rounds.Add(round.CorrelationId, round);
    }

    /// <summary>Queues a message for publishing after the commit; with a queue name, only for that queue.</summary>
    public void Publish<T>(T message, string? queue = null) where T : class => OfTransaction(published).Add(OutboxRow.For(message, queue));

    /// <summary>Appends to the history of a run; <paramref name="kind"/> is one of <see cref="EventKind"/>.</summary>
    public void Note(string runId, int? round, string kind, string? participant, string text)
    {
        var notes = OfTransaction(noted);
        if (EventKind.IsOfOthersMaking(kind) && !state.Noise.MayWrite(runId, ref text))
            return;
        notes.Add(new EventRow
        {
            RunId = runId,
            Round = round,
            At = Now,
            Kind = kind,
            Participant = participant is null ? null : PlainText.Of(participant),
            Text = PlainText.Of(text),
        });
    }

    /// <summary>Adds a row with a part of weights at once, within a transaction and without a copy of the part.</summary>
    /// <param name="key">Of the row.</param>
    /// <param name="weights">The part.</param>
    /// <param name="meanwhile">What else is to be done with the part; it is done on another thread, and has ended when this returns.</param>
    /// <param name="cancellationToken">Stops writing.</param>
    public async Task AddPart(PartKey key, ReadOnlyMemory<byte> weights, Action meanwhile, CancellationToken cancellationToken)
    {
        NeedTransaction();
        var other = Task.Run(meanwhile, CancellationToken.None);
        try
        {
            await InsertPart(key, weights, cancellationToken);
        }
        finally
        {
            await other;
        }
    }

    /// <returns>A part of weights, to be disposed soon; null when there is no such row.</returns>
    public async Task<PooledBytes?> Part(PartKey key, CancellationToken cancellationToken)
    {
        await Database.OpenConnectionAsync(cancellationToken);
        try
        {
            return await ReadPart(key, cancellationToken);
        }
        finally
        {
            await Database.CloseConnectionAsync();
        }
    }

    /// <summary>The right to publish the outbox, which only one process has at a time, or its order would be lost.</summary>
    /// <returns>Gives the right back when it is disposed; null when another process has it.</returns>
    public abstract Task<IAsyncDisposable?> TakeOutbox(CancellationToken cancellationToken);

    /// <summary>Changes the schema while no other process does.</summary>
    public virtual Task InTurnWithOtherStarts(Func<Task> migrate) => migrate();

    /// <summary>Returns when all that was committed by this process survives a loss of power.</summary>
    public virtual Task UntilDurable(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Returns, before the transaction, once no other one of this process is under way, where the database has no good way to wait for that.</summary>
    /// <returns>Ends the turn when it is disposed.</returns>
    protected virtual Task<IDisposable?> TakeTurn(CancellationToken cancellationToken) => Task.FromResult<IDisposable?>(null);

    /// <summary>A transaction was committed.</summary>
    protected virtual void Written()
    {
    }

    /// <summary>Returns, inside the transaction, once no other transaction is under way.</summary>
    protected abstract Task WaitForOtherWriters(CancellationToken cancellationToken);

    /// <summary>As <see cref="AddPart"/>, while a transaction is under way.</summary>
    protected abstract Task InsertPart(PartKey key, ReadOnlyMemory<byte> weights, CancellationToken cancellationToken);

    /// <summary>As <see cref="Part"/>, while the connection is open.</summary>
    protected abstract Task<PooledBytes?> ReadPart(PartKey key, CancellationToken cancellationToken);

    /// <returns>A command whose parameters @p0, @p1, … are the values of the key.</returns>
    protected DbCommand CommandFor(PartKey key, string sql)
    {
        var command = Database.GetDbConnection().CreateCommand();
        command.CommandText = sql;
        command.Transaction = Database.CurrentTransaction?.GetDbTransaction();
        foreach (var (_, value) in key.Columns)
        {
            var parameter = command.CreateParameter();
            parameter.ParameterName = $"p{command.Parameters.Count}";
            parameter.Value = value;
            command.Parameters.Add(parameter);
        }

        return command;
    }

    private List<T> OfTransaction<T>(List<T> rows)
    {
        NeedTransaction();
        return rows;
    }

    private void NeedTransaction()
    {
        if (Database.CurrentTransaction is null)
            throw new InvalidOperationException($"History, messages and parts of weights are written within {nameof(Transact)} alone.");
    }

    /// <summary>Writes history and outgoing messages in one command; Entity Framework has one for each row.</summary>
    private async Task Append(CancellationToken cancellationToken)
    {
        var sql = new StringBuilder();
        var values = new List<object?>();
        Insert("\"Events\" (\"RunId\", \"Round\", \"At\", \"Kind\", \"Participant\", \"Text\")", noted, e => [e.RunId, e.Round, e.At.UtcTicks, e.Kind, e.Participant, e.Text]);
        Insert("\"Outbox\" (\"MessageId\", \"Type\", \"Queue\", \"Body\")", published, m => [m.MessageId, m.Type, m.Queue, m.Body]);
        if (sql.Length > 0)
            await Database.ExecuteSqlRawAsync(sql.ToString(), values!, cancellationToken);

        void Insert<T>(string table, List<T> rows, Func<T, object?[]> columns)
        {
            if (rows.Count > 0)
                sql.Append($"INSERT INTO {table} VALUES ").AppendJoin(", ", rows.Select(row => Parameters(columns(row)))).Append(';');
        }

        string Parameters(object?[] row)
        {
            values.AddRange(row);
            return $"({string.Join(", ", Enumerable.Range(values.Count - row.Length, row.Length).Select(value => $"{{{value}}}"))})";
        }
    }

    protected override void ConfigureConventions(ModelConfigurationBuilder configuration) =>
        configuration.Properties<DateTimeOffset>().HaveConversion<UtcTicks>();

    protected override void OnModelCreating(ModelBuilder model)
    {
        model.Entity<RunRow>().HasKey(run => run.Id);
        model.Entity<RoundState>(round =>
        {
            round.HasKey(r => r.CorrelationId);
            round.HasIndex(r => new { r.RunId, r.Round }).IsUnique();
            round.HasIndex(r => new { r.CurrentState, r.ClosesAt });

            // Of rounds that an older program has opened.
            round.Property(r => r.PartLength).HasDefaultValue(WeightParts.DefaultLength);
        });
        model.Entity<SubmissionRow>(submission =>
        {
            submission.HasKey(s => new { s.RunId, s.Round, s.Participant });
            submission.HasIndex(s => s.RoundId);
        });
        model.Entity<SubmissionPartRow>().HasKey(part => new { part.RunId, part.Round, part.Participant, part.WeightsSha256, part.Part });
        model.Entity<QuarantineRow>().HasIndex(entry => entry.RunId);
        model.Entity<ForecastRow>().HasKey(forecast => new { forecast.RunId, forecast.Participant });
        model.Entity<BaselineRow>(baseline =>
        {
            baseline.HasKey(b => new { b.RunId, b.Participant });
            baseline.Ignore(b => b.RepeatLast).Ignore(b => b.Mean).Ignore(b => b.Local);
        });
        model.Entity<ModelRow>().HasKey(m => new { m.RunId, m.Round });
        model.Entity<ModelRow>().Ignore(m => m.Length);
        model.Entity<ModelPartRow>().HasKey(part => new { part.RunId, part.Round, part.Part });
        model.Entity<ParticipantRow>().HasKey(participant => participant.Name);
        model.Entity<AggregatorRow>().HasKey(aggregator => aggregator.Id);
        model.Entity<OutboxRow>().HasKey(row => row.Id);
        model.Entity<KeyRow>().HasKey(key => key.Id);
        model.Entity<EventRow>().HasIndex(e => e.RunId);

        foreach (var names in model.Model.GetEntityTypes().SelectMany(e => e.GetProperties()).Where(p => p.ClrType == typeof(List<string>)))
            names.SetValueComparer(new NamesComparer());
    }

    /// <summary>A number, because SQLite can compare and sort numbers but not texts with offsets.</summary>
    public sealed class UtcTicks() : ValueConverter<DateTimeOffset, long>(
        time => time.UtcTicks, ticks => new DateTimeOffset(ticks, TimeSpan.Zero));
}
