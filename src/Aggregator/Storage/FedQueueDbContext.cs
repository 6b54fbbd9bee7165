using FedQueue.Aggregator.Rounds;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace FedQueue.Aggregator.Storage;

/// <summary>All that the aggregator knows. Changes go through <see cref="Transact"/>, messages among them through <see cref="Publish"/>.</summary>
internal sealed class FedQueueDbContext(DbContextOptions<FedQueueDbContext> options, OutboxSignal outboxSignal, TimeProvider clock)
    : DbContext(options)
{
    public DbSet<RunRow> Runs => Set<RunRow>();
    public DbSet<RoundState> Rounds => Set<RoundState>();
    public DbSet<SubmissionRow> Submissions => Set<SubmissionRow>();
    public DbSet<ModelRow> Models => Set<ModelRow>();
    public DbSet<ParticipantRow> Participants => Set<ParticipantRow>();
    public DbSet<OutboxRow> Outbox => Set<OutboxRow>();
    public DbSet<EventRow> Events => Set<EventRow>();

    public DateTimeOffset Now => clock.GetUtcNow();

    /// <summary>
    /// The transaction rule: all that one message changes, outgoing messages included, is committed at once or not at all.
    /// </summary>
    public async Task Transact(Func<Task> change, CancellationToken cancellationToken)
    {
        await using (var transaction = await Database.BeginTransactionAsync(cancellationToken))
        {
            await change();
            await SaveChangesAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }

        outboxSignal.Set();
    }

    /// <summary>Queues a message for publishing after the commit; with a queue name, only for that queue.</summary>
    public void Publish<T>(T message, string? queue = null) where T : class => Outbox.Add(OutboxRow.For(message, queue));

    /// <summary>Appends to the history of a run.</summary>
    public void Note(string runId, int? round, string kind, string? participant, string text) =>
        Events.Add(new EventRow { RunId = runId, Round = round, At = Now, Kind = kind, Participant = participant, Text = text });

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
        });
        model.Entity<SubmissionRow>(submission =>
        {
            submission.HasKey(s => new { s.RunId, s.Round, s.Participant });
            submission.HasIndex(s => s.RoundId);
        });
        model.Entity<ModelRow>().HasKey(m => new { m.RunId, m.Round });
        model.Entity<ParticipantRow>().HasKey(participant => participant.Name);
        model.Entity<OutboxRow>().HasKey(row => row.Id);
        model.Entity<EventRow>().HasIndex(e => e.RunId);
    }

    /// <summary>A number, because SQLite can compare and sort numbers but not texts with offsets.</summary>
    private sealed class UtcTicks() : ValueConverter<DateTimeOffset, long>(
        time => time.UtcTicks, ticks => new DateTimeOffset(ticks, TimeSpan.Zero));
}
