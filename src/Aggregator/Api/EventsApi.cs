using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using FedQueue.Aggregator.Live;
using FedQueue.Aggregator.Runs;
using FedQueue.Aggregator.Storage;
using Microsoft.EntityFrameworkCore;

namespace FedQueue.Aggregator.Api;

/// <summary>
/// What happens, as server-sent events: <c>history</c> (each line of a run's history; its number is the event's id, so a browser that
/// reconnects misses none), <c>progress</c> (an epoch) and <c>standing</c> (where a run stands, once a second).
/// </summary>
internal static class EventsApi
{
    public static void MapEvents(this IEndpointRouteBuilder routes)
    {
        var events = routes.MapGroup("/api").RequireAuthorization(ApiKey.Read).WithTags("Events");
        events.MapGet("/events", (HttpRequest request, long? after, LiveFeed feed, IServiceScopeFactory scopes, IHostApplicationLifetime life, CancellationToken stop) =>
                TypedResults.ServerSentEvents(Read(feed, scopes, life, runId: null, LastSeen(request) ?? after, stop)))
            .WithSummary("What happens in all runs, as server-sent events, without an end.");
        events.MapGet("/runs/{id}/events", async (
                string id, HttpRequest request, long? after, FedQueueDbContext db, LiveFeed feed, IServiceScopeFactory scopes, IHostApplicationLifetime life, CancellationToken stop) =>
                await db.Runs.AnyAsync(run => run.Id == id, stop)
                    ? (IResult)TypedResults.ServerSentEvents(Read(feed, scopes, life, id, LastSeen(request) ?? after, stop))
                    : Results.Problem(Refusal.NoSuchRun(id).Sentence, statusCode: StatusCodes.Status404NotFound))
            .WithSummary("What happens in a run, as server-sent events, until it has ended; with after=0 from its beginning.").ProducesProblem(404);
    }

    private static long? LastSeen(HttpRequest request) => long.TryParse(request.Headers["Last-Event-ID"], out var id) ? id : null;

    private static async IAsyncEnumerable<SseItem<object>> Read(
        LiveFeed feed, IServiceScopeFactory scopes, IHostApplicationLifetime life, string? runId, long? after, [EnumeratorCancellation] CancellationToken stop)
    {
        using var listener = feed.Listen();

        // The server waits for all answers before it stops, and this one would have no end.
        await using var stopping = life.ApplicationStopping.Register(listener.Dispose);
        var (missed, hasEnded) = await Missed(scopes, runId, after, stop);
        foreach (var row in missed)
        {
            yield return Item(new HistoryAppended(row.RunId, HistoryEvent.From(row)));
            after = row.Id;
        }

        if (hasEnded)
            yield break;

        await foreach (var happened in listener.ReadAll(stop))
        {
            if ((runId is not null && happened.RunId != runId) || (happened is HistoryAppended { Event: var line } && line.Id <= after))
                continue;

            yield return Item(happened);
            if (runId is not null && happened is HistoryAppended { Event.Kind: EventKind.RunCompleted or EventKind.RunFailed or EventKind.RunCancelled })
                yield break;
        }
    }

    private static async Task<(List<EventRow> Rows, bool HasEnded)> Missed(IServiceScopeFactory scopes, string? runId, long? after, CancellationToken stop)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<FedQueueDbContext>();
        List<EventRow> rows = after is null
            ? []
            : await db.Events.AsNoTracking().Where(e => e.Id > after && (runId == null || e.RunId == runId)).OrderBy(e => e.Id).ToListAsync(stop);
        var run = runId is null ? null : await db.Runs.AsNoTracking().SingleOrDefaultAsync(r => r.Id == runId, stop);
        return (rows, run is { HasEnded: true });
    }

    private static SseItem<object> Item(LiveEvent happened) => happened switch
    {
        HistoryAppended history => new(new { run = history.RunId, history.Event.Id, history.Event.At, history.Event.Round, history.Event.Kind, history.Event.Participant, history.Event.Text }, "history")
        {
            EventId = history.Event.Id.ToString(System.Globalization.CultureInfo.InvariantCulture),
        },
        EpochDone epoch => new(epoch.Progress, "progress"),
        StandingSeen standing => new(standing.Standing, "standing"),
        _ => throw new NotSupportedException($"{happened.GetType().Name} is no event that is sent."),
    };
}
