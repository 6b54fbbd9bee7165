using FedQueue.Aggregator.Storage;
using Microsoft.EntityFrameworkCore;

namespace FedQueue.Aggregator.Runs;

/// <summary><c>GET /api/runs</c>, <c>/api/runs/{id}</c> and its <c>/history</c>, <c>/quarantine</c> and <c>/verification</c>.</summary>
internal static class RunsApi
{
    public static void MapRuns(this IEndpointRouteBuilder routes)
    {
        var runs = routes.MapGroup("/api/runs");

        runs.MapGet("/", async (FedQueueDbContext db, CancellationToken cancellationToken) =>
        {
            var ids = await db.Runs.OrderBy(run => run.CreatedAt).ThenBy(run => run.Id).Select(run => run.Id).ToListAsync(cancellationToken);
            var summaries = new List<RunSummary>();
            foreach (var id in ids)
                if (await RunSummary.Load(db, id, cancellationToken) is { } summary)
                    summaries.Add(summary);
            return summaries;
        });

        runs.MapGet("/{id}", async (string id, FedQueueDbContext db, CancellationToken cancellationToken) =>
            await RunSummary.Load(db, id, cancellationToken) is { } summary
                ? Results.Ok(summary)
                : NoSuchRun(id));

        runs.MapGet("/{id}/history", async (string id, FedQueueDbContext db, CancellationToken cancellationToken) =>
            await RunHistory.Load(db, id, cancellationToken) is { } history ? Results.Ok(history) : NoSuchRun(id));

        runs.MapGet("/{id}/quarantine", async (string id, FedQueueDbContext db, CancellationToken cancellationToken) =>
            await RunQuarantine.Load(db, id, cancellationToken) is { } quarantine ? Results.Ok(quarantine) : NoSuchRun(id));

        runs.MapGet("/{id}/verification", async (string id, FedQueueDbContext db, CancellationToken cancellationToken) =>
            await RunVerification.Load(db, id, cancellationToken) is { } verification ? Results.Ok(verification) : NoSuchRun(id));
    }

    private static IResult NoSuchRun(string id) =>
        Results.Problem($"There is no run '{id}'; GET /api/runs lists those there are.", statusCode: StatusCodes.Status404NotFound);
}
