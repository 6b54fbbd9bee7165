using System.Globalization;
using FedQueue.Aggregator.Participants;
using FedQueue.Aggregator.Storage;
using FedQueue.Contracts;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace FedQueue.Aggregator.Runs;

/// <summary>Takes a run that is asked for, by a message or over HTTP, within a transaction.</summary>
internal sealed class RunRequest(FedQueueDbContext db, RunStart runStart, RunEnd runEnd, IOptions<ParticipantOptions> options, ILogger<RunRequest> log)
{
    /// <summary>Starts a run of a new id, in a transaction of its own.</summary>
    /// <returns>Why it was refused; null when it was not.</returns>
    public async Task<Refusal?> Start(StartRun command, CancellationToken cancellationToken)
    {
        if (ProblemOf(command) is { } problem)
            return new(problem, StatusCodes.Status400BadRequest);

        var taken = false;
        await db.Transact(async () =>
        {
            taken = await db.Runs.AnyAsync(run => run.Id == command.RunId, cancellationToken);
            if (!taken)
                await Take(command, cancellationToken);
        }, cancellationToken);
        return taken ? new($"There is a run '{command.RunId}' already; choose another id, or leave it out.", StatusCodes.Status409Conflict) : null;
    }

    /// <inheritdoc cref="PlanCheck.ProblemOf"/>
    public string? ProblemOf(StartRun command) => PlanCheck.ProblemOf(command, options.Value.MostParameters);

    /// <summary>Cancels a run for a person, in a transaction of its own.</summary>
    /// <returns>Why it was refused; null when it was not.</returns>
    public async Task<Refusal?> Cancel(string runId, CancellationToken cancellationToken)
    {
        Refusal? refusal = null;
        await db.Transact(async () =>
        {
            var run = await db.Runs.FindAsync([runId], cancellationToken);
            if (run is null or { HasEnded: true })
                refusal = run is null
                    ? Refusal.NoSuchRun(runId)
                    : new($"The run '{runId}' has ended already: it {(run.Status is RunStatus.Cancelled ? "was cancelled" : run.StatusName)}.", StatusCodes.Status409Conflict);
            else
                await runEnd.Cancel(run, "It was cancelled by a person.", cancellationToken);
        }, cancellationToken);
        return refusal;
    }

    /// <summary>Stores a run; one that still waits takes the newest plan, one that has started keeps its own.</summary>
    /// <param name="command">Its plan must have passed <see cref="PlanCheck"/>.</param>
    /// <param name="cancellationToken">Stops waiting for the database.</param>
    public async Task Take(StartRun command, CancellationToken cancellationToken)
    {
        var asked = RunRow.For(command, db.Now);
        var known = await db.Runs.FindAsync([command.RunId], cancellationToken);
        if (known is null)
        {
            db.Runs.Add(asked);
            db.Noise.Forget(asked.Id);
            db.Note(command.RunId, null, EventKind.RunCreated, null, $"Seed {command.Plan.Seed}, {command.Plan.Rounds} rounds of {command.Plan.Training.Epochs} epochs.");
        }
        else if (known.Status is RunStatus.Waiting)
        {
            // What was drawn is of the plan before.
            if (known.PlanJson != asked.PlanJson)
            {
                await db.Models.Where(m => m.RunId == known.Id).ExecuteDeleteAsync(cancellationToken);
                await db.ModelParts.Where(m => m.RunId == known.Id).ExecuteDeleteAsync(cancellationToken);
            }

            known.PlanJson = asked.PlanJson;
            known.StartsBy = asked.StartsBy;
        }
        else
        {
            if (Differences(known.Plan(), command.Plan) is { Length: > 0 } differences)
                log.PlanKept(command.RunId, differences);
            return;
        }

        await runStart.TryStartNext(cancellationToken);

        // Their queues have room for one message, which while another run is under way is to be one of that.
        if (!await db.Queries.AnyRunIsUnderWay(db, cancellationToken))
            db.Publish(new RunAnnounced { RunId = command.RunId });
    }

    /// <returns>The settings of a run that are others than asked for; empty when none is.</returns>
    private static string Differences(RunPlan kept, RunPlan asked)
    {
        var (old, wanted) = (RunForm.From(null, kept), RunForm.From(null, asked));
        return string.Join(", ", typeof(RunForm).GetProperties()
            .Select(setting => (setting.Name, Kept: setting.GetValue(old), Asked: setting.GetValue(wanted)))
            .Where(setting => !Equals(setting.Kept, setting.Asked))
            .Select(setting => string.Create(CultureInfo.InvariantCulture, $"{setting.Name} is {setting.Kept ?? "not set"}, the settings say {setting.Asked ?? "nothing"}")));
    }
}

/// <summary>Why something was not done.</summary>
/// <param name="Sentence">For people.</param>
/// <param name="Status">The HTTP status that says it to programs.</param>
internal sealed record Refusal(string Sentence, int Status)
{
    public static Refusal NoSuchRun(string id) => new($"There is no run '{id}'; GET /api/runs lists those there are.", StatusCodes.Status404NotFound);
}
