using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;

namespace FedQueue.Aggregator.Api;

/// <summary>The HTTP API: runs, events, the OpenAPI document, errors as problem details (RFC 9457).</summary>
internal static class WebApi
{
    public static IServiceCollection AddWebApi(this IServiceCollection services)
    {
        services.AddApiKey();
        services.AddOpenApi(document => document.AddDocumentTransformer((api, _, _) =>
        {
            api.Info.Title = "FedQueue aggregator";
            api.Info.Description = "Writing needs the header 'Authorization: Bearer KEY' where a key is set; reading too unless it is public.";
            return Task.CompletedTask;
        }));
        services.Configure<RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = true);
        services.Configure<JsonOptions>(json => json.SerializerOptions.RespectNullableAnnotations = true);
        return services.AddProblemDetails(problems => problems.CustomizeProblemDetails = Explain);
    }

    public static void UseWebApi(this WebApplication app)
    {
        app.UseExceptionHandler(new ExceptionHandlerOptions
        {
            StatusCodeSelector = exception => exception is BadHttpRequestException bad ? bad.StatusCode : StatusCodes.Status500InternalServerError,
            SuppressDiagnosticsCallback = context => context.Exception is BadHttpRequestException,
        });
        app.UseStatusCodePages();
        app.Use(RefuseOtherSites);
        if (app.Services.GetRequiredService<IOptions<ApiOptions>>().Value.Key is not { Length: > 0 })
            app.Use(RefuseOtherNames);
        app.UseAuthentication();
        app.UseAuthorization();
        app.MapOpenApi().RequireAuthorization(ApiKey.Read);
        app.MapRuns();
        app.MapEvents();
        app.Lifetime.ApplicationStarted.Register(() => SayWhere(app));
    }

    private static void SayWhere(WebApplication app)
    {
        var options = app.Services.GetRequiredService<IOptions<ApiOptions>>().Value;
        var address = string.IsNullOrEmpty(options.Address) ? string.Join(", ", app.Urls) : options.Address;
        app.Services.GetRequiredService<ILogger<ApiKey>>().Ready(address, options.Key is { Length: > 0 }
            ? "starting and cancelling runs takes the key that is set as FedQueue:Api:Key (in compose: FEDQUEUE_API_KEY)"
            : "no key is set, so this machine alone may reach it");
    }

    /// <summary>
    /// A page of another site must not change anything here in the name of whoever looks at it, least of all where no key is set because only
    /// this machine is let in. Browsers say where a request comes from (https://www.w3.org/TR/fetch-metadata/).
    /// </summary>
    private static Task RefuseOtherSites(HttpContext context, RequestDelegate next) =>
        !HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method) && context.Request.Headers["Sec-Fetch-Site"] == "cross-site"
            ? Results.Problem("A page of another site sent this; use the dashboard, the fedqueue command or a program of your own.", statusCode: StatusCodes.Status403Forbidden).ExecuteAsync(context)
            : next(context);

    /// <summary>
    /// Without a key only this machine is let in, and a page of another site could make a browser of this machine ask under its own name (DNS rebinding): so only the names of this
    /// machine are answered, whoever asks.
    /// </summary>
    private static Task RefuseOtherNames(HttpContext context, RequestDelegate next)
    {
        var origin = context.Request.Headers.Origin.ToString();
        return IsThisMachine(context.Request.Host.Host) && (origin.Length == 0 || (Uri.TryCreate(origin, UriKind.Absolute, out var from) && IsThisMachine(from.Host)))
            ? next(context)
            : Results.Problem(
                "Without a key the aggregator answers only as localhost; open it there, or set a key (FedQueue:Api:Key).", statusCode: StatusCodes.Status403Forbidden).ExecuteAsync(context);
    }

    private static bool IsThisMachine(string host) =>
        host.Length == 0 || host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));

    /// <summary>A sentence where the framework has only a status.</summary>
    private static void Explain(ProblemDetailsContext context) => context.ProblemDetails.Detail ??= context.Exception switch
    {
        BadHttpRequestException { InnerException: JsonException json } => 
            $"The body cannot be read at {json.Path ?? "its beginning"} (line {json.LineNumber + 1}); GET /openapi/v1.json says which names and values it takes.",
        BadHttpRequestException bad => bad.Message,
        not null => "The aggregator could not answer; its log says why.",
        _ => context.HttpContext.Response.StatusCode switch
        {
            StatusCodes.Status404NotFound => $"There is nothing at {context.HttpContext.Request.Path}; GET /openapi/v1.json lists what there is.",
            StatusCodes.Status405MethodNotAllowed => $"{context.HttpContext.Request.Path} does not take {context.HttpContext.Request.Method}; GET /openapi/v1.json says what it takes.",
            StatusCodes.Status415UnsupportedMediaType => "Send the body as JSON, with the header 'Content-Type: application/json'.",
            _ => null,
        },
    };
}
