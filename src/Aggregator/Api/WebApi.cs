using System.Text.Json;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http.Json;

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
        app.UseAuthentication();
        app.UseAuthorization();
        app.MapOpenApi().RequireAuthorization(ApiKey.Read);
        app.MapRuns();
        app.MapEvents();
    }

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
