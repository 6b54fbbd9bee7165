using FedQueue.Aggregator.Live;
using FedQueue.Aggregator.Models;
using FedQueue.Aggregator.Participants;
using FedQueue.Aggregator.Runs;
using FedQueue.Aggregator.Storage;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace FedQueue.Aggregator.Api;

/// <summary>The runs over HTTP: looking at them needs policy <see cref="ApiKey.Read"/>, changing them and what may tell of the data, weights and forecasts, <see cref="ApiKey.Write"/>.</summary>
internal static class RunsApi
{
    public static void MapRuns(this IEndpointRouteBuilder routes)
    {
        var runs = routes.MapGroup("/api/runs").WithTags("Runs");
        var read = runs.MapGroup("").RequireAuthorization(ApiKey.Read);
        var write = runs.MapGroup("").RequireAuthorization(ApiKey.Write);

        read.MapGet("/", RunListing.LoadAll)
            .WithSummary("List all runs, oldest first.").Produces<IReadOnlyList<RunListing>>();
        read.MapGet("/{id}", async (string id, int? model, FedQueueDbContext db, CancellationToken stop) => Answer(id, await RunSummary.Load(db, id, model, stop)))
            .WithSummary("Show a run: plan, status, what is awaited, the errors of each round's global weights, or of those of one round (0: initial) where one is given as model.").Produces<RunSummary>().ProducesProblem(404);
        read.MapGet("/{id}/standing", async (string id, FedQueueDbContext db, CancellationToken stop) => Answer(id, await RunStanding.Load(db, id, stop)))
            .WithSummary("Where the run stands and what it waits for.").Produces<RunStanding>().ProducesProblem(404);
        read.MapGet("/{id}/rounds", async (string id, FedQueueDbContext db, CancellationToken stop) => Answer(id, await RunRounds.Load(db, id, stop)))
            .WithSummary("List the rounds: goal, minimum, deadline, who has submitted, who is missing.").Produces<IReadOnlyList<RoundSummary>>().ProducesProblem(404);
        read.MapGet("/{id}/participants", async (string id, FedQueueDbContext db, LiveFeed feed, Spares spares, CancellationToken stop) =>
                Answer(id, await RunParticipants.Load(db, feed, spares, id, stop)))
            .WithSummary("List the participants: state, epoch, errors, training time, share of samples; and the spares.").Produces<RunParticipants>().ProducesProblem(404);
        write.MapGet("/{id}/participants/{participant}/forecast", ShowForecast)
            .WithSummary("What the newest global weights predict on a participant's held-out windows, if it shares that.").Produces<RunForecast>().ProducesProblem(404);
        read.MapGet("/{id}/history", ShowHistory)
            .WithSummary("List all that happened, oldest first; only of a kind, a participant or a round where one is given.").Produces<RunHistory>().ProducesProblem(404);
        read.MapGet("/{id}/quarantine", async (string id, FedQueueDbContext db, CancellationToken stop) => Answer(id, await RunQuarantine.Load(db, id, stop)))
            .WithSummary("List the answers that failed validation, with the reasons.").Produces<RunQuarantine>().ProducesProblem(404);
        read.MapGet("/{id}/verification", async (string id, FedQueueDbContext db, CancellationToken stop) => Answer(id, await RunVerification.Load(db, id, stop)))
            .WithSummary("Compute every round's global weights again and compare the SHA-256.").Produces<RunVerification>().ProducesProblem(404);
        write.MapGet("/{id}/model", DownloadModel)
            .WithSummary("Download the newest global weights, or those of a round (0: initial), as safetensors or, with format=onnx, as ONNX.").Produces(200, contentType: "application/octet-stream").ProducesProblem(400).ProducesProblem(404);

        routes.MapGet("/api/participants", KnownParticipant.LoadAll).RequireAuthorization(ApiKey.Read).WithTags("Participants")
            .WithSummary("List the participants that this aggregator knows: who has them, and for which runs their data will not do.").Produces<IReadOnlyList<KnownParticipant>>();
        write.MapPost("/", Start)
            .WithSummary("Start a run; what is not given has its default.").Produces<RunSummary>(201).ProducesProblem(400).ProducesProblem(409);
        write.MapPost("/{id}/cancel", Cancel)
            .WithSummary("Cancel a run that has not ended.").Produces<RunSummary>().ProducesProblem(404).ProducesProblem(409);
    }

    private static async Task<IResult> Start(RunForm form, FedQueueDbContext db, RunRequest request, CancellationToken cancellationToken)
    {
        var command = form.ToCommand();
        return await request.Start(command, cancellationToken) is { } refusal
            ? Problem(refusal)
            : Results.Created($"/api/runs/{Uri.EscapeDataString(command.RunId)}", await RunSummary.Load(db, command.RunId, cancellationToken));
    }

    private static async Task<IResult> Cancel(string id, FedQueueDbContext db, RunRequest request, CancellationToken cancellationToken) =>
        await request.Cancel(id, cancellationToken) is { } refusal ? Problem(refusal) : Answer(id, await RunSummary.Load(db, id, cancellationToken));

    private static async Task<IResult> ShowForecast(string id, string participant, FedQueueDbContext db, CancellationToken cancellationToken) =>
        await RunForecast.Load(db, id, participant, cancellationToken) is { } forecast
            ? Results.Ok(forecast)
            : Results.Problem(
                $"There is no forecast of '{participant}' in run '{id}': its worker shares none (FedQueue:Worker:SharePredictions is off), or it has not answered yet.",
                statusCode: StatusCodes.Status404NotFound);

    private static async Task<IResult> ShowHistory(
        string id, string? kind, string? participant, int? round, FedQueueDbContext db, CancellationToken cancellationToken) =>
        Answer(id, (await RunHistory.Load(db, id, cancellationToken))?.Only(kind, participant, round));

    private static async Task<Results<FileContentHttpResult, ProblemHttpResult>> DownloadModel(
        string id, int? round, string? format, FedQueueDbContext db, CancellationToken cancellationToken)
    {
        var isOnnx = string.Equals(format, "onnx", StringComparison.OrdinalIgnoreCase);
        if (!isOnnx && format is not null && !format.Equals("safetensors", StringComparison.OrdinalIgnoreCase))
            return TypedResults.Problem($"There is no format '{format}'; it is safetensors or onnx.", statusCode: StatusCodes.Status400BadRequest);

        var run = await db.Runs.AsNoTracking().SingleOrDefaultAsync(r => r.Id == id, cancellationToken);
        var model = run is null ? null : await db.Models.AsNoTracking().Where(m => m.RunId == id && (round == null || m.Round == round))
            .OrderByDescending(m => m.Round).FirstOrDefaultAsync(cancellationToken);
        if (run is null || model is null)
            return TypedResults.Problem(
                run is null ? Refusal.NoSuchRun(id).Sentence : $"Run '{id}' has no weights {(round is null ? "yet" : $"of round {round}")}; GET /api/runs/{id} lists the models there are.",
                statusCode: StatusCodes.Status404NotFound);

        var trained = await TrainedModel.Load(db, run, model, cancellationToken);
        return TypedResults.File(
            isOnnx ? OnnxFile.Bytes(trained) : SafetensorsFile.Bytes(trained), "application/octet-stream", $"{id}-round-{model.Round}.{(isOnnx ? "onnx" : "safetensors")}");
    }

    private static IResult Answer<T>(string id, T? found) where T : class => found is null ? Problem(Refusal.NoSuchRun(id)) : Results.Ok(found);

    private static IResult Problem(Refusal refusal) => Results.Problem(refusal.Sentence, statusCode: refusal.Status);
}
